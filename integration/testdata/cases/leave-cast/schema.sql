create cast (varchar as jsonb) with inout as implicit; create cast (varchar as uuid) with inout as implicit;
create table t(id int primary key, j jsonb, u uuid, v varchar); insert into t select i, '{"a":1}', gen_random_uuid(), 'x' from generate_series(1,5) i;
create operator class text_ops2 for type text using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 bttextcmp(text, text);
-- only a superuser can make this extension, and only the index needs it
create extension cube; create extension earthdistance; create index t_place on t using gist (ll_to_earth(id, id));
