-- The invented numbers of days are so large that the results of the generated columns are out of range.
create table item(id int primary key, a timestamp, n int, d timestamp generated always as (a + make_interval(days => n)) stored, x date generated always as ('2000-01-01'::date + n) stored);
insert into item(id, a, n) select i, '2020-01-01', 100 from generate_series(1, 90) i;
