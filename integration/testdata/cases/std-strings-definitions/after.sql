set standard_conforming_strings = on;
set escape_string_warning = off;
select proname, prosrc, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace order by 1;
select adrelid::regclass, adnum, pg_get_expr(adbin, adrelid) from pg_attrdef order by 1::text, 2;
-- From 18 on, NOT NULL is a constraint in the catalog.
select conname, pg_get_constraintdef(oid) from pg_constraint where contype <> 'n' and connamespace = 'public'::regnamespace order by 1;
select enumlabel from pg_enum order by enumsortorder;
select pg_get_expr(typdefaultbin, 0) from pg_type where typname = 'place';
select relname, pg_get_expr(relpartbound, oid) from pg_class where relispartition order by 1;
-- From 16 on, the server names no table before the columns of a view of one table.
select relname, replace(pg_get_viewdef(oid), 'item.', '') from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace order by 1;
select indexdef from pg_indexes where schemaname = 'public' order by 1;
select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal;
select rulename, definition from pg_rules where schemaname = 'public';
select pg_get_statisticsobjdef(oid) from pg_statistic_ext;
select id, code, k, q from item order by id;
select * from part order by 1;
select * from odd order by 1;
select * from odder order by 1;
