create table l(k text, v text) partition by list(k); create table l1 partition of l for values in ('a'); insert into l values ('a','x');
create table r(d date, v text) partition by range(d); create table r1 partition of r for values from (minvalue) to (maxvalue); insert into r values ('2020-01-01','x');
