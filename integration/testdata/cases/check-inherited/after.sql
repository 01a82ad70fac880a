select conrelid::regclass, conname, conislocal, coninhcount, connoinherit, obj_description(oid, 'pg_constraint') from pg_constraint where contype = 'c' order by 1, 2;
