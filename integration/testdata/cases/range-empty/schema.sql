-- Bands make ranges empty, and an empty range has no bounds.
create table stay(id int primary key, nights int4range, length int generated always as (upper(nights) - lower(nights)) stored not null);
insert into stay(id, nights) select i, int4range(i * 10, i * 10 + 9) from generate_series(1, 60) i;
