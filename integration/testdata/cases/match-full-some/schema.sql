create table a(x int, y int, primary key (x, y));
create table b(id int primary key, x int, y int, foreign key (x, y) references a match full);
insert into a select i, i from generate_series(1, 50) i; insert into b select i, i, i from generate_series(1, 50) i;
