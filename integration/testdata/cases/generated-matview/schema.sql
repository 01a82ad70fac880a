-- Loading t fails as long as the materialized view is not filled.
create table zz(k text primary key, v text not null); insert into zz select 'k'||i,'v'||i from generate_series(1,50) i;
create materialized view mz as select * from zz;
create function look(t text) returns text language plpgsql immutable as $$ declare r text; begin select v into strict r from public.mz where k = t; return r; end $$;
create table t(id int primary key, k text, g text generated always as (look(k)) stored); insert into t(id,k) select i,'k'||i from generate_series(1,50) i;
