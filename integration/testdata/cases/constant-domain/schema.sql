create extension ltree;
set check_function_bodies = off;
create function is_code(text) returns boolean language sql as $$ select $1 ~ pattern() $$;
create function pattern() returns text language sql immutable as $$ select '^[A-Z]{2}$' $$;
create domain code as text check (is_code(value));
create domain colour as text check (value in ('red', 'green'));
create table node(id int primary key, path ltree, code code, colour colour);
insert into node values (1, 'a.b', 'AB', 'red');
