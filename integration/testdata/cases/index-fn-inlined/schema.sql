-- No function is marked IMMUTABLE. The server accepts the indexes because it puts the bodies in the place of the calls.
create function canon(text) returns text language sql as $$ select replace(lower($1), '-', '_') $$;
create function day_of(timestamptz) returns date language sql stable as $$ select ($1 at time zone 'UTC')::date $$;
create table crate(id int primary key, name text not null, owner text, published timestamptz not null);
insert into crate select i, 'Crate-' || i, 'Owner ' || i, timestamptz '2024-01-01 00:00Z' + i * interval '1 day' from generate_series(1, 100) i;
create index crate_canon on crate (canon(name));
create index crate_day on crate (day_of(published)) where canon(name) <> '';
