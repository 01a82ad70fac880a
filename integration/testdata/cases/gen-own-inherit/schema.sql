create function part(t text) returns int language plpgsql immutable as $$ begin return length(split_part(t, '-', 2)); end $$;
create function loud(t text) returns int language plpgsql immutable as $$ begin return split_part(t, '-', 2)::int; end $$;
create table item(id int primary key, code text, n int generated always as (part(code)) stored check (n > 0));
create table sub(m int generated always as (loud(code)) stored, check (loud(code) > 0)) inherits (item);
insert into item select i, 'A-'||i from generate_series(1,100) i;
insert into sub select i, 'A-'||i from generate_series(101,200) i;
