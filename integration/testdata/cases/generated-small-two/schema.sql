create table item(id int primary key, price int, pieces int, total smallint generated always as (price * pieces) stored);
insert into item(id, price, pieces) select i, 180, 182 from generate_series(1, 90) i;
