select felt, count(*) from diary group by 1; select proname, proconfig from pg_proc where pronamespace = 'public'::regnamespace order by 1;
