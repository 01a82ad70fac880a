create table session(id int primary key, digest text check (length(digest) = 32));
insert into session select i, md5(i::text) from generate_series(1, 40) i;
