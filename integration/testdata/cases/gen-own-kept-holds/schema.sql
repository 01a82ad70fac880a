-- A function of the source reads treated and kept columns, and accepts every result.
create function slug(t text) returns text language plpgsql immutable as $$ begin return regexp_replace(lower(t), '[^a-z0-9]+', '-', 'g'); end $$;
create table item(id int primary key, a text, title text not null, n int, d date, g text generated always as (slug(title || ' ' || coalesce(a, ''))) stored);
insert into item(id, a, title, n) select i, 'A', 'B', i from generate_series(1,100) i;
