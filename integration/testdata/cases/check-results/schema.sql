-- masker cannot prove that results satisfy these CHECK constraints. Those that results break become NOT VALID, and the
-- others stay valid.
create function short(text) returns boolean language plpgsql immutable as $$
begin
  if length($1) > 3 then raise exception 'too long'; end if;
  return true;
end $$;
create domain mail as text check (value ~ '@');
create domain code as mail constraint coded check (value like '%.%');
comment on constraint coded on domain code is 'has a dot';
create table person(
  id int primary key, name text check (name ~ '^[A-Z]{2}-[0-9]+$'), low int, high int, born date, age int generated always as (2024 - extract(year from born)::int) stored,
  phone text, mail mail, code code, tag text check (public.short(tag)), kind text, note text,
  constraint ordered check (low <= high), constraint born_monday check (extract(dow from born) = 1), constraint grown check (age between 20 and 30),
  constraint reachable check (coalesce(phone, '') <> ''), constraint kind_ok check (case when kind = 'x' then note like 'x%' else true end), constraint id_ok check (id > 0));
insert into person(id, name, low, high, born, phone, mail, code, tag, kind, note)
  select i, 'AB-' || i, i, i, date '2000-01-03' + i * 7, '+49' || i, 'p@' || i, 'p@x.y' || i, 'abc', 'x', 'x' || i from generate_series(1, 40) i;
comment on constraint ordered on person is 'low first';
