select conname from pg_constraint where conrelid = 'account'::regclass and contype = 'c' order by 1;
