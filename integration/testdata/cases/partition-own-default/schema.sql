create function bucket(t text) returns int language plpgsql immutable as $$ begin return length(t); end $$;
create table item(id int, code text) partition by list (bucket(code));
create table i0 partition of item for values in (1, 2, 3); create table i1 partition of item default;
insert into item select i, 'A-'||i from generate_series(1,100) i;
