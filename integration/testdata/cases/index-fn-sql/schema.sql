-- The server puts the body of an SQL function in the place of the call when it plans a query of the table. The bodies
-- have names without a schema.
create schema lib;
create function lib.strip(t text) returns text language sql immutable as $$ select translate(t, 'äöü', 'aou') $$;
alter database :"DBNAME" set search_path = lib, public;
set search_path = lib, public;
create function lib.fold(t text) returns text language sql immutable as $$ select lower(strip(t)) $$;
create function lib.least_age() returns int language plpgsql immutable as $$ begin return length(strip('ten years!')); end $$;
create table public.person(id int primary key, name text, age int);
insert into person select i, 'Jörg ' || i, i from generate_series(1, 100) i;
create index person_fold on person (fold(name));
create index grown on person (age) where age > least_age();
-- The rules of this table read columns of another table, so masker reads it with a query.
create table public.visitor(name text, host int references person);
insert into visitor select 'Jörg ' || i, i from generate_series(1, 100) i;
create index visitor_fold on visitor (fold(name));
create table public.guest(name text, city text);
insert into guest select 'Jörg ' || i, 'Wien' from generate_series(1, 100) i;
create statistics folded on (fold(name)), city from guest;
