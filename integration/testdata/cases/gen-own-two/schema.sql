-- A generated column of two columns that may be NULL. A function of the source refuses most names.
create function full_name(a text, b text) returns text language plpgsql immutable as $$ begin if length(a || b) > 5 then raise sqlstate 'LG001'; end if; return a || b; end $$;
create table item(id int primary key, a text, b text, n text generated always as (full_name(a, b)) stored);
insert into item(id, a, b) select i, 'A', 'B' from generate_series(1,100) i;
