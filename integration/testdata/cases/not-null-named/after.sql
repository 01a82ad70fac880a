select conrelid::regclass, conname, convalidated, connoinherit, coninhcount, pg_get_constraintdef(oid) from pg_constraint where contype = 'n' and connamespace = 'public'::regnamespace order by conrelid::regclass::text, conname;
select count(*), count(email), count(phone) from person;
select count(*), count(n) from event;
