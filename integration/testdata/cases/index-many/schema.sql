create table u(id int primary key, email text, org int, deleted bool, d date, amt numeric(10,2), code text, n text);
insert into u select i, 'User'||i||'@x.example', i%3, i%7=0, '2020-01-01'::date+i, i, 'AB-'||lpad(i::text,4,'0'), i::text from generate_series(1,200) i;
create unique index u1 on u (org, lower(email)) where not deleted;
create unique index u2 on u (md5(code)); 
create index u4 on u ((n::int)) where n ~ '^[0-9]+$'; 
create unique index u6 on u (coalesce(email, code)); create unique index u7 on u ((email || '/' || org));
create index u8 on u using gist (box(point(amt::float8, amt::float8), point(0,0))); create index u9 on u using hash (email); create index u10 on u using brin (d);
