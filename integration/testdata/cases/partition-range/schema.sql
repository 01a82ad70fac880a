create table r(id int not null, v text) partition by range(id); create table r1 partition of r for values from (0) to (1000); create table r2 partition of r for values from (1000) to (2000);
insert into r select i, 'x' from generate_series(1,100) i;
