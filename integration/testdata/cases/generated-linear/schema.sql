-- The generated columns limit the results of noise and shift, as a CHECK constraint does.
create table item(id int primary key, price int, cents smallint generated always as (price * 100) stored, big bigint generated always as (price * 5000000) stored,
  d date, days smallint generated always as (d - '2000-01-01'::date) stored, f float8, tenths int generated always as ((f * 10)::int) stored, n numeric(8,2), whole smallint generated always as (n) stored);
insert into item(id, price, d, f, n) select i, 320 + i % 8, date '2089-09-17' - i, 214748300 - i, 32760 + i % 8 from generate_series(1, 90) i;
