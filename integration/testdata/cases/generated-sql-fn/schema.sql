-- PostgreSQL reads the body of an SQL function when it makes a generated column that calls the function.
create type mood as enum ('sad', 'ok');
create function cleaned(text) returns text language sql immutable as $$ select lower($1) $$;
create function as_mood(text) returns mood language sql immutable as $$ select cleaned($1)::mood $$;
create table diary(id int primary key, said text, felt mood generated always as (as_mood(said)) stored, who text);
insert into diary(id, said, who) select i, 'OK', 'w' || i from generate_series(1, 20) i;
