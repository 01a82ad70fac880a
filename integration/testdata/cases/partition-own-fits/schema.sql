create function norm(t text) returns text language sql immutable as $$ select lower(t) $$;
create function bucket(t text) returns int language plpgsql immutable as $$ begin return ascii(norm(t)) % 2; end $$;
create table item(id int, code text) partition by list (bucket(code));
create table i0 partition of item for values in (0); create table i1 partition of item for values in (1);
insert into item select i, 'A-'||i from generate_series(1,100) i;
