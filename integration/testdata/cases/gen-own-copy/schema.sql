create function norm(t text) returns text language sql immutable as $$ select lower(trim(t)) $$;
create table item(id int primary key, code text, n varchar(20) generated always as (norm(code)) stored);
insert into item select i, 'A-'||i from generate_series(1,100) i;
