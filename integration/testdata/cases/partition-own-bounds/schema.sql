create function bucket(t text) returns int language plpgsql immutable as $$ begin return length(t); end $$;
create table item(id int, code text) partition by range (bucket(code));
create table i0 partition of item for values from (0) to (4); create table i1 partition of item for values from (4) to (10);
insert into item select i, 'A-'||i from generate_series(1,100) i;
