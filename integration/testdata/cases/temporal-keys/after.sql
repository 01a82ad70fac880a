select conrelid::regclass, conname, conperiod, convalidated, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint') from pg_constraint where conperiod order by conrelid::regclass::text, conname;
select inhrelid::regclass, inhparent::regclass from pg_inherits order by inhrelid::regclass::text;
select count(*) from lease l where exists (select from tenant t where t.id = l.tenant and t.valid && l.valid);
select count(*), count(distinct id) from tenant;
