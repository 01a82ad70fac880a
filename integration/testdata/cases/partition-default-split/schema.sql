-- The default partition takes every date, but a date that moves into January needs a region.
create table visit(id int, d date, region text) partition by range (d);
create table v1 partition of visit for values from ('2024-01-01') to ('2024-02-01') partition by list (region); create table v1a partition of v1 for values in ('eu');
create table v2 partition of visit default;
insert into visit select i, date '2024-02-01' + i % 60, 'us' from generate_series(1, 300) i;
