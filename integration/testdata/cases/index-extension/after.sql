select indexname from pg_indexes where schemaname = 'public' order by 1;
select conname, convalidated from pg_constraint where conrelid = 'public.shop'::regclass and contype <> 'n' order by 1;
select count(*) from public.near;
select proname, proconfig from pg_proc where proconfig is not null order by 1;
