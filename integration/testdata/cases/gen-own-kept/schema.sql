-- A function of the source reads a treated and a kept column, and refuses every result.
create function label(a text, n int) returns text language plpgsql immutable as $$ begin if length(a) > 1 then raise 'too long'; end if; return a || n; end $$;
create table item(id int primary key, a text, n int, g text generated always as (label(a, n)) stored);
insert into item(id, a, n) select i, 'A', i from generate_series(1,100) i;
