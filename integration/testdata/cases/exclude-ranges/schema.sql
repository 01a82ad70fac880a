create extension if not exists btree_gist;
create table booking(id int primary key, room int, who text, during daterange, exclude using gist (room with =, during with &&));
insert into booking select i, i % 5, 'A', daterange('2020-01-01'::date + 10 * i, '2020-01-05'::date + 10 * i) from generate_series(1, 50) i;
