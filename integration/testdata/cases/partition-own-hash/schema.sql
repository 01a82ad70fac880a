create function part(t text) returns int language plpgsql immutable as $$ begin return split_part(t, '-', 2)::int; end $$;
create table item(id int, code text) partition by hash (part(code));
create table i0 partition of item for values with (modulus 2, remainder 0); create table i1 partition of item for values with (modulus 2, remainder 1);
insert into item select i, 'A-'||i from generate_series(1,100) i;
