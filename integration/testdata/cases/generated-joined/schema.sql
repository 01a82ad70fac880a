-- Generated columns join treated texts into a text with a limited length. Each text alone would fit.
create table person(id int primary key, given varchar(40), family varchar(40), login text, dom text, city text, code varchar(20),
  whole varchar(30) generated always as (given || ' ' || family) stored,
  mail varchar(24) generated always as (login || '@' || dom) stored,
  place varchar(40) generated always as (code || ', ' || coalesce(city, 'somewhere')) stored,
  short varchar(16) generated always as (upper(given)) stored);
insert into person(id, given, family, login, dom, city, code)
  select i, 'Ann' || i, 'Meier' || i, 'ann' || i, 'corp.invalid', case when i % 3 > 0 then 'Town' || i end, 'C' || i from generate_series(1, 300) i;
