create table item(id int primary key, price numeric(10,2) unique, below numeric(6,3), whole numeric);
insert into item select i, i * 0.25, i - 0.125, i from generate_series(0, 99) i where i > 0;
