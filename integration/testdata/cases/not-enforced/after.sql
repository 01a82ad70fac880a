select conrelid::regclass, conname, conenforced, convalidated, pg_get_constraintdef(oid) from pg_constraint where contype in ('c', 'f') and connamespace = 'public'::regnamespace order by conrelid::regclass::text, conname;
select count(*), count(team) from member;
select count(*) from member join team using (code);
