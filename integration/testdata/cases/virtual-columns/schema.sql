-- Virtual generated columns of kept and treated columns, with CHECK constraints, NOT NULL and a view.
create table person(id int primary key, given text not null, family text, born date, price int,
  full_name text generated always as (given || ' ' || coalesce(family, '')) virtual not null,
  days int generated always as (born - '1900-01-01'::date) virtual check (days > 0),
  cents smallint generated always as (price * 100) virtual,
  twice int generated always as (price * 2) stored,
  masked text generated always as (case when price > 320 then given else family end));
alter table person add constraint name_short check (length(full_name) < 200);
insert into person select i, 'Given' || i, 'Family' || i, date '1960-01-01' + i * 17, 320 + i % 7 from generate_series(1, 90) i;
create view expensive as select id, full_name, cents from person where cents > 32000;
create table measure(day date, n int, half int generated always as (n / 2) virtual) partition by range (day);
create table measure_1 partition of measure for values from ('2020-01-01') to ('2021-01-01');
insert into measure select date '2020-01-01' + i, i from generate_series(1, 90) i;
create index on person (price) where price > 321;
