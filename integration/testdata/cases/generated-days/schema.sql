create table item(id int primary key, a date, b date, days smallint generated always as (b - a) stored);
insert into item(id, a, b) select i, '2020-01-01', '2020-02-01' from generate_series(1, 90) i;
