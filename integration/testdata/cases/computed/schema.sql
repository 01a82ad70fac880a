-- Generated columns, indexes and constraints whose expressions succeed for all results of the treatments.
create table person(
  id int primary key, email text not null, code text not null, birth date, gone date, doc jsonb, note text,
  mail_lower text generated always as (lower(email)) stored,
  year int generated always as (extract(year from birth)::int) stored);
create unique index person_email on person (lower(email));
create unique index person_code on person (md5(code)) where gone is null;
create unique index person_doc on person ((doc ->> 'code'));
create index person_age on person (((doc ->> 'age')::int)) where doc ? 'age';
create index person_note on person (left(note, 20)) where note is not null;
create unique index person_active on person (id, code) where gone is not null;
insert into person(id, email, code, birth, gone, doc, note)
  select i, 'U' || i || '@corp.example', 'C' || i, date '1960-01-01' + i, case when i % 3 = 0 then date '2024-01-01' + i end,
    jsonb_build_object('age', i % 90, 'code', 'D' || i), 'note ' || i from generate_series(1, 200) i;
alter table person add check (birth is not null);
create table stay(id int primary key, person int references person, room int, starts timestamptz, ends timestamptz,
  during tstzrange generated always as (tstzrange(starts, ends)) stored, check (starts < ends));
create extension btree_gist;
alter table stay add exclude using gist (person with =, tstzrange(starts, ends) with &&);
insert into stay(id, person, room, starts, ends) select i, 1 + i % 50, i % 3, timestamptz '2024-01-01' + i * interval '2 days', timestamptz '2024-01-01' + i * interval '2 days' + interval '1 day' from generate_series(1, 300) i;
