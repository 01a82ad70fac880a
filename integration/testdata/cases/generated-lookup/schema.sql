-- Functions of generated columns, partition keys and domains that read other tables while rows are loaded. The tables that they
-- read are smaller, so they would come last. The function "chain" finds its table without a schema.
create table zz_country(code text primary key, name text not null, region text not null);
insert into zz_country values ('AT', 'Austria', 'eu'), ('US', 'United States', 'na');
create view zz_names as select code, name from zz_country;
create function country_name(c text) returns text language sql immutable as 'select name from public.zz_country where code = c';
create function must_know(c text) returns text language plpgsql immutable as $$ declare n text; begin select name into strict n from public.zz_names where code = c; return n; end $$;
create function region(c text) returns text language sql immutable begin atomic select z.region from zz_country z where z.code = c; end;
create function chain(c text) returns text language plpgsql immutable as $$ begin return must_know(c) || (select count(*) from zz_country); end $$;
create function is_country(c text) returns bool language sql stable as 'select exists (select from public.zz_country where code = c)';
create domain country as text check (is_country(value));
create table account(id int primary key, mail text, country text, country_name text generated always as (country_name(country)) stored, strict_name text generated always as (must_know(country)) stored not null,
	chained text generated always as (chain(country)) stored, others country[]);
insert into account(id, mail, country, others) select i, 'm' || i || '@corp.example', (array['AT', 'US'])[1 + i % 2], '{AT,US}' from generate_series(1, 300) i;
create table purchase(id int, country text, total numeric) partition by list (region(country));
create table purchase_eu partition of purchase for values in ('eu');
create table purchase_na partition of purchase for values in ('na');
insert into purchase select i, (array['AT', 'US'])[1 + i % 2], i from generate_series(1, 300) i;
-- Tables that read each other: no order is right, and the refresh goes on.
create table a(id int primary key, n int);
create table b(id int primary key, n int);
create function of_b(i int) returns bigint language sql immutable as 'select count(*) * 0 from public.b where id = i';
create function of_a(i int) returns bigint language sql immutable as 'select count(*) * 0 from public.a where id = i';
alter table a add g bigint generated always as (of_b(id)) stored;
alter table b add g bigint generated always as (of_a(id)) stored;
insert into a select i, i from generate_series(1, 30) i;
insert into b select i, i from generate_series(1, 30) i;
