-- These generated columns have a value although bands make ranges empty, or their ranges do not become empty.
create table stay(id int primary key, nights int4range, length int generated always as (coalesce(upper(nights) - lower(nights), 0)) stored not null, first int generated always as (lower(nights)) stored,
  days daterange, last date generated always as (upper(days)) stored not null);
insert into stay(id, nights, days) select i, int4range(i * 10, i * 10 + 9), daterange(date '2024-01-01' + i, date '2024-01-02' + i) from generate_series(1, 60) i;
