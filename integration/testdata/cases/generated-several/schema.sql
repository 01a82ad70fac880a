-- Each number fits its type, and some results would not fit the type of the generated column.
create table item(id int primary key, price int, pieces int, total int generated always as (price * pieces) stored);
insert into item(id, price, pieces) select i, 40000 + i, 50000 + i from generate_series(1, 90) i;
create table kept(id int primary key, price int, pieces int, total smallint generated always as (price * pieces) stored);
insert into kept(id, price, pieces) select i, 180 + i % 2, 181 from generate_series(1, 90) i;
create table sums(id int primary key, a int, b int, total int generated always as (a + b) stored);
insert into sums(id, a, b) select i, 1000000000 + i, 1100000000 + i from generate_series(1, 90) i;
insert into sums(id, a, b) values (100, 0, 2147483647), (101, -5, null), (102, -1000000000, -1100000000);
create table floats(id int primary key, a real, b real, c real generated always as (a * b) stored, s int generated always as ((a + b)::int) stored);
insert into floats(id, a, b) select i, 1e9 + i, 1.1e9 from generate_series(1, 90) i;
create table prices(id int primary key, price numeric(10,2), pieces int, total numeric(12,2) generated always as (round(price * pieces, 2)) stored);
insert into prices(id, price, pieces) select i, 99999999, 90 + i % 10 from generate_series(1, 90) i;
create index on prices ((pieces * pieces)); create index by_total on item ((price * (pieces + 2000))) where id < 0; create unique index by_both on item ((price * pieces), id);
