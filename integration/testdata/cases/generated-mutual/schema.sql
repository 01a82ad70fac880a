-- Loading each of the two tables fails as long as the other one has no rows.
create table a(id int primary key, n int); create table b(id int primary key, n int);
create function of_b(i int) returns int language plpgsql immutable as $$ declare r int; begin if i is null then return 0; end if; select n into strict r from public.b where id = i; return r; end $$;
create function of_a(i int) returns int language plpgsql immutable as $$ declare r int; begin if i is null then return 0; end if; select n into strict r from public.a where id = i; return r; end $$;
insert into a select i,i from generate_series(1,20) i; insert into b select i,i from generate_series(1,20) i;
alter table a add g int generated always as (of_b(id)) stored;
alter table b add g int generated always as (of_a(id)) stored;
