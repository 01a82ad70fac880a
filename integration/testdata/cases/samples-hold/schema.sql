-- The results of the treatments satisfy all these constraints and generated columns.
create table person(id int primary key, mail text check (mail ~* '^[^@]+@[^@]+$'), name text check (name ~ '^[A-Z]'), visits int check (visits between 0 and 200),
  born date check (born > '1900-01-01'), country char(2) check (country ~ '^[A-Z]{2}$'), address inet check (family(address) = 4), token uuid check (token is not null),
  mail_lower text not null generated always as (lower(mail)) stored, twice smallint generated always as (visits * 2) stored);
insert into person select i, 'p' || i || '@x.y', 'Ann', i, date '1980-01-01' + i, 'DE', '10.0.0.1', gen_random_uuid() from generate_series(1, 40) i;
