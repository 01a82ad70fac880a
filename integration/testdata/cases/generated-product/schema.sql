create table item(id int primary key, price numeric(10,2), pieces int, total numeric(12,2) generated always as (price * pieces) stored, rate numeric(5,4) generated always as (price / pieces) stored);
insert into item(id, price, pieces) select i, 99999999, 100 from generate_series(1, 90) i where false;
insert into item(id, price, pieces) select i, 9, 1000 from generate_series(1, 90) i;
