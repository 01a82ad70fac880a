insert into child values (100, 1000, 'c1', 'x');
insert into child values (101, 1, 'c1', 'x') returning id;
insert into log values (100, '2001-01-01', 'x');
select conname, pg_get_constraintdef(oid) like 'CHECK (young(%', obj_description(oid, 'pg_constraint') from pg_constraint where contype = 'c' and conrelid <> 0 order by 1;
select count(*) from child; select count(*) from part; select count(*) from log;
