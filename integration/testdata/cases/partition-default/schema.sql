create table visit(id int, d date, region text) partition by range (d);
create table v1 partition of visit for values from ('2024-01-01') to ('2024-02-01'); create table v2 partition of visit for values from ('2024-06-01') to ('2024-07-01'); create table v3 partition of visit default;
insert into visit select i, date '2024-01-01' + i, 'eu' from generate_series(1, 300) i; insert into visit values (0, null, null);
create table r(id int, region text) partition by list (region);
create table r1 partition of r for values in ('eu') partition by hash (id); create table r1a partition of r1 for values with (modulus 2, remainder 0); create table r1b partition of r1 for values with (modulus 4, remainder 1); create table r1c partition of r1 for values with (modulus 4, remainder 3);
create table r2 partition of r default;
insert into r select i, (array['eu','us'])[1+i%2] from generate_series(1, 100) i;
