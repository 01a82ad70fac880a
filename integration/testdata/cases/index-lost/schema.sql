-- the indexes were built with a search path that no setting of a role or database has any more
create schema legacy;
create function legacy.base(t text) returns text language sql immutable as $$ select lower(t) $$;
create function norm(t text) returns text language plpgsql immutable as $$ begin return base(t); end $$;
create table item(id int primary key, name text);
insert into item select i, 'Name ' || i from generate_series(1, 20) i;
create table parted(id int, name text) partition by range (id);
create table parted_0 partition of parted for values from (0) to (100);
insert into parted select i, 'Name ' || i from generate_series(1, 20) i;
set search_path = public, legacy;
create index item_norm on item (norm(name));
comment on index item_norm is 'for the search';
create unique index item_once on item (norm(name) text_pattern_ops);
create index parted_norm on parted (norm(name));
create index item_name on item (name);
create statistics item_stats on norm(name), id from item;
