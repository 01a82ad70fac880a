create function part(t text) returns int language plpgsql immutable as $$ begin return split_part(t, '-', 2)::int; end $$;
create table item(id int, code text, primary key (id)) partition by range (id);
create table i0 partition of item for values from (0) to (50); create table i1 partition of item for values from (50) to (200);
create unique index item_u on item (id, part(code));
create index item_p on item (part(code));
create index i0_own on i0 (part(code), id);
alter table i0 cluster on i0_own;
comment on index item_u is 'x';
insert into item select i, 'A-'||i from generate_series(1,100) i;
