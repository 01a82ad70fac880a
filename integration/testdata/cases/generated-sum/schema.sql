create table item(id int primary key, a int, b int, total int generated always as (a + b) stored);
insert into item(id, a, b) select i, 1000, 1000 from generate_series(1, 90) i;
