-- The functions find each other and a table only by the search path.
create table prefix(p text); insert into prefix values ('x');
create function norm(t text) returns text language sql immutable as $$ select lower(trim(t)) $$;
create function slug(t text) returns text language plpgsql immutable as $$ begin return translate(norm(t), '@.', '--'); end $$;
create domain slug as text check (norm(value) = value);
create table item(id int primary key, code text, n varchar(80) generated always as (slug(code)) stored, s slug generated always as (slug(code)) stored not null);
insert into item select i, 'A-'||i from generate_series(1,100) i;
