create domain short as text;
create table part (id int primary key, n int) partition by range (id);
create table part_low partition of part for values from (minvalue) to (100);
create table part_high partition of part for values from (100) to (maxvalue);
create table alone (id int primary key, n int, s short, u int unique);
create table heir () inherits (alone);
insert into part select i, -i from generate_series(1, 200) i;
insert into alone select i, -i, repeat('x', 20), i from generate_series(1, 200) i;
insert into heir select i, -i, repeat('x', 20), i from generate_series(201, 300) i;
alter table part add constraint positive check (n > 0) not valid;
alter table alone add constraint positive check (n > 0) not valid, add constraint even check (u % 2 in (0, 1)) not valid;
alter domain short add constraint few check (length(value) < 10) not valid;
-- as if a new collation or another version of PostgreSQL judged otherwise
update pg_constraint set convalidated = true where conname in ('positive', 'even', 'few');
