-- The function accepts digits only, and mask writes other characters.
create function num(t text) returns int language plpgsql immutable as $$ begin return t::int; end $$;
create table item(id int primary key, a text, g int generated always as (num(a)) stored);
insert into item(id, a) select i, '12345' from generate_series(1,100) i;
