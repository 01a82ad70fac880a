select country_name, strict_name, chained, others, count(*) from account group by 1, 2, 3, 4 order by 1;
select tableoid::regclass, count(*) from purchase group by 1 order by 1;
select convalidated from pg_constraint where conname = 'country_check';
select count(*) from a join b using (id, n, g);
