select conname, coalesce(obj_description(oid, 'pg_constraint'), '') from pg_constraint where contype = 'c' order by 1;
select convalidated from pg_constraint where conname = 'id_ok';
