create table item(id int primary key, price int, pieces int check (pieces > 0), each int generated always as (price / pieces) stored, each_known int generated always as (price / nullif(pieces, 7)) stored);
insert into item(id, price, pieces) select i, 40000, 1 + i % 5 from generate_series(1, 90) i;
create table free(id int primary key, price int, pieces int, each int generated always as (price / nullif(pieces, 0)) stored);
insert into free(id, price, pieces) select i, 40000, i % 5 from generate_series(1, 90) i;
