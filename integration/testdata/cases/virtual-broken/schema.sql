-- PostgreSQL computes a virtual generated column only when somebody reads it, so a row can exist that nobody can read whole.
create table item(id int primary key, name text, price int, share int generated always as (1000 / price) virtual, tiny smallint generated always as (price * 1000) virtual);
insert into item(id, name, price) select i, 'Name' || i, i % 50 from generate_series(1, 90) i;
