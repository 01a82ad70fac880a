-- names in function bodies are found by the search path of the database, by the owner's schema, or by the function's own path
create schema app; create schema own; create schema postgres;
alter database :"DBNAME" set search_path = app, "$user", public;
set search_path = app, "$user", public;
create function app.base(t text) returns text language sql immutable as $$ select lower(t) $$;
create function postgres.mark() returns text language sql immutable as $$ select '#' $$;
create function app.norm(t text) returns text language plpgsql immutable as $$ begin return base(t) || mark(); end $$;
create function own.fixed(t text) returns text language plpgsql immutable set search_path = own as $$ begin return inner_one(t); end $$;
create function own.inner_one(t text) returns text language sql immutable as $$ select upper(t) $$;
create function app.same(a text, b text) returns bool language plpgsql immutable as $$ begin return base(a) = base(b); end $$;
create operator app.=== (leftarg = text, rightarg = text, function = app.same);
create function app.step(s int, t text) returns int language plpgsql immutable as $$ begin return s + length(base(t)); end $$;
create aggregate app.total(text) (sfunc = app.step, stype = int, initcond = '0');
create domain app.code as text check (norm(value) <> '#');
create table app.item(id int primary key, name text not null, kind code, "Odd Name" text,
  normal text generated always as (norm(name)) stored,
  check (name === base(name) or true));
create index on app.item (norm("Odd Name")) where own.fixed(name) <> 'X';
create statistics app.item_stats on norm(name), id from app.item;
create view app.summary as select total(name) as n from app.item;
create materialized view app.totals as select n, norm('A') as a from app.summary;
create table app.parted(id int, name text) partition by hash (norm(name));
create table app.parted_0 partition of app.parted for values with (modulus 2, remainder 0);
create table app.parted_1 partition of app.parted for values with (modulus 2, remainder 1);
insert into app.item(id, name, kind, "Odd Name") select i, 'Name ' || i, 'K' || i, 'Odd' || i from generate_series(1, 50) i;
insert into app.parted select i, 'Name ' || i from generate_series(1, 50) i;
refresh materialized view app.totals;
