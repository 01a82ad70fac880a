create function part(t text) returns int language plpgsql immutable as $$ begin return split_part(t, '-', 2)::int; end $$;
create table item(id int primary key, code text, n int generated always as (part(code)) stored);
insert into item select i, 'A-'||i from generate_series(1,100) i;
