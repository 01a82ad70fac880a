create table a(id int primary key, x text unique, y text);
create unique index on a (y, x);
insert into a select i, 'x' || i, 'y' || i from generate_series(1, 50) i;
