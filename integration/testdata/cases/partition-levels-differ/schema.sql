-- A date that moves to another month needs a region that this month does not have.
create table visit(id int, d date not null, region text) partition by range (d);
create table v1 partition of visit for values from ('2024-01-01') to ('2024-02-01') partition by list (region);
create table v1a partition of v1 for values in ('eu'); create table v1b partition of v1 for values in ('us');
create table v2 partition of visit for values from ('2024-02-01') to ('2024-03-01') partition by list (region);
create table v2a partition of v2 for values in ('eu');
insert into visit select i, date '2024-01-01' + i % 31, 'us' from generate_series(1, 300) i;
