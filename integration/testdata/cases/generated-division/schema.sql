create table item(id int primary key, price int, pieces int, each int generated always as (price / pieces) stored);
insert into item(id, price, pieces) select i, 40000, 5 from generate_series(1, 90) i;
