set search_path = app, "$user", public;
insert into app.item(id, name, kind) values (1001, 'Another', 'Z') returning normal;
select * from app.totals;
select oid::regprocedure::text, proconfig from pg_proc where pronamespace::regnamespace::text in ('app', 'own', 'postgres') order by 1;
select count(*) from app.parted_0;
select conname, convalidated, pg_get_constraintdef(oid) from pg_constraint where contype = 'c' order by 1, 3;
