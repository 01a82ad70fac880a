create function today() returns date language sql stable as $$ select coalesce(nullif(current_setting('app.today', true), '')::date, current_date) $$;
create domain recent as date check (value >= public.today() - 30);
create type span as range (subtype = recent);
create type pair as (a recent, b int);
create table offer(id int primary key, days recent[], r span, c pair);
set app.today = '2020-01-15';
insert into offer select i, array['2020-01-10'::date]::recent[], span('2020-01-10','2020-01-12'), row('2020-01-10', 1)::pair from generate_series(1,300) i;
