-- A generated column joins a treated text into a text that cannot hold the result.
create table person(id int primary key, code text, kind text, label varchar(16) generated always as (kind || '-' || code) stored);
insert into person(id, code, kind) select i, 'c' || i, 'k' from generate_series(1, 50) i;
