-- Unique indexes over paths of a document, and EXCLUDE constraints, that hold although the columns are treated.
create extension btree_gist;
create table person(id int primary key, doc jsonb not null, note text);
create unique index on person (lower(doc ->> 'mail')) include (note);
create unique index on person ((doc ->> 'code')) where doc ? 'code';
insert into person select i, jsonb_build_object('mail', 'M' || i || '@corp.example') || case when i % 2 = 0 then jsonb_build_object('code', 'C' || i) else '{}' end, 'n' from generate_series(1, 60) i;
create table cage(id int primary key, no text, animal text, keeper text, exclude using gist (no with =, animal with <>), exclude (keeper with =));
insert into cage select i, 'N' || i % 20, 'A' || i % 10, 'k' || i || '@corp.example' from generate_series(1, 60) i;
