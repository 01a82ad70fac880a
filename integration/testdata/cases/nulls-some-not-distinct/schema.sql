create table a(id int primary key, x text unique nulls not distinct, y text, z int);
insert into a select i, 'x' || i, 'y' || i, i % 3 from generate_series(1, 50) i;
