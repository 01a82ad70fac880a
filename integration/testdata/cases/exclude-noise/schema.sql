create extension if not exists btree_gist;
create table booking(id int primary key, room int, lo int, hi int, exclude using gist (room with =, int4range(lo, hi) with &&));
insert into booking select i, i % 5, 10 * i, 10 * i + 5 from generate_series(1, 50) i;
