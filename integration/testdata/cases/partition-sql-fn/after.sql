select count(*) from ev_a1; select count(*) from ev_b; select proname, proconfig from pg_proc where pronamespace = 'public'::regnamespace order by 1;
