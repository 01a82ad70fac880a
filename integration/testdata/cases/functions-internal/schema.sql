-- Functions of extensions such as PostGIS raise internal errors (XX000) for values that they do not understand.
create function part(t text) returns text language plpgsql immutable as $$ begin if t !~ '^A-' then raise exception 'lwgeom: not a code' using errcode = 'XX000'; end if; return t; end $$;
create table item(id int primary key, code text, more text);
create index item_part on item (part(code));
create unique index item_unique on item (id, part(code));
create statistics item_stats on part(code), id from item;
create table kind(id int primary key, code text check (part(code) <> ''));
create materialized view codes as select part(code) from item;
insert into item select i, 'A-'||i, 'A-'||i from generate_series(1,100) i;
insert into kind select i, 'A-'||i from generate_series(1,100) i;
refresh materialized view codes;
