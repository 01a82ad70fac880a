-- Production cannot build these objects any more: a row that their function reads is gone.
create table code(k text primary key, v text not null);
insert into code select 'k' || i, 'v' || i from generate_series(1, 9) i;
create function look(t text) returns text language plpgsql immutable as $$ declare r text; begin select v into strict r from public.code where k = t; return r; end $$;
create table item(id int primary key, k text, n int, constraint one_look exclude (look(k) with =), constraint one_n exclude (n with =) where (look(k) <> ''));
insert into item select i, 'k' || i, i from generate_series(1, 9) i;
comment on constraint one_look on item is 'unique by its code';
delete from code where k = 'k9';
