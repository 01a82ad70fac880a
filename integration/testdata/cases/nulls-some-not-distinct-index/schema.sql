create table a(id int primary key, y text, z int);
create unique index on a (lower(y), z) nulls not distinct;
insert into a select i, 'y' || i, i % 3 from generate_series(1, 50) i;
