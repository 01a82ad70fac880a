-- Functions without arguments, which PostgreSQL computes when it makes the table: one reads a view that pg_dump writes after the
-- table, and one raises an error as long as its table has no rows.
create table zz(k text primary key, v text not null); insert into zz select 'k'||i,'v'||i from generate_series(1,50) i;
create view vz as select count(*) n from zz;
create function look() returns bigint language sql immutable as 'select n from public.vz';
create function look2() returns text language plpgsql immutable as $$ declare r text; begin select v into strict r from public.zz where k = 'k1'; return r; end $$;
create table t(id int primary key, k text, g bigint generated always as (look()) stored, h text generated always as (look2()||k) stored);
insert into t(id,k) select i,'k'||i from generate_series(1,50) i;
