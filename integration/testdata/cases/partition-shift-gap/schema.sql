create table visit(id int, d date not null) partition by range (d);
create table v1 partition of visit for values from ('2024-01-01') to ('2024-02-01'); create table v2 partition of visit for values from ('2024-06-01') to ('2024-07-01');
insert into visit select i, date '2024-01-01' + i % 31 from generate_series(1, 300) i;
