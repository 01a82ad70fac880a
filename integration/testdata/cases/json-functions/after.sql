select count(*), count(distinct kind) from doc; select count(*) from tags; select kind, count from kinds order by 1;
select attrelid::regclass, attidentity from pg_attribute where attidentity <> '' order by attrelid::regclass::text;
select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'x' order by conrelid::regclass::text;
