create table item(id int primary key, price int, cents smallint generated always as (price * 100) stored);
insert into item(id, price) select i, i from generate_series(1, 40) i;
