-- With standard_conforming_strings off, a backslash in '…' is an escape. Definitions must arrive byte for byte.
alter database :"DBNAME" set standard_conforming_strings = off;
alter database :"DBNAME" set escape_string_warning = off;
alter database :"DBNAME" set backslash_quote = on;
\c
create type kind as enum ('a\\b', 'c\'d', E'n\nl');
create domain place as text default 'd\\e' check (value !~ '\\\\\\D$');
create table item(id int primary key, code text default 'C:\\dir\\' check (code ~ '^[A-Z0-9:\\\\a-z]+$'), k kind default 'a\\b', p place, q text generated always as (replace(code, '\\', '/')) stored);
create table part(k text) partition by list (k);
create table part_some partition of part for values in ('a\\b', 'c\'d', '\\');
create function body(t text) returns text language sql immutable as 'select replace($1, \'\\\\\', \'/\') || E\'\\t\'';
create function dollar(t text, d text default '\\\\') returns text language plpgsql immutable as $f$ begin return regexp_replace(t, '^\\w+\\', d); end $f$;
create function atomic(t text) returns text language sql immutable return t || '\\''' || '\n';
create function fire() returns trigger language plpgsql as $f$ begin return new; end $f$;
create index item_odd on item (replace(code, '\\', '|')) where code <> '\\';
create view odd as select id, '\\' as b, E'\\\\' as c, code like '%\\\\%' as d from item;
create materialized view odder as select id, atomic(code) as a from item;
create trigger fires before update on item for each row when (old.code = 'x\\') execute function fire('arg\\1', '\\');
create rule noted as on delete to item do also notify "back\slash";
create statistics item_odds on (replace(code, '\\', '_')), id from item;
insert into item(id, code, p) select i, 'C:\\' || i, ('e\\' || i)::place from generate_series(1, 20) i;
insert into part values ('a\\b'), ('\\');
refresh materialized view odder;
