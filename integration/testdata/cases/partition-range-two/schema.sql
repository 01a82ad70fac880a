create table m(y int, m int, v text) partition by range (y, m);
create table m1 partition of m for values from (2024, 1) to (2024, 7); create table m2 partition of m for values from (2024, 7) to (2025, 1);
insert into m select 2024, 1 + i % 11, 'x' from generate_series(1, 100) i;
