-- ll_to_earth is an SQL function of an extension. Its body has names without a schema.
create schema geo;
create extension cube schema geo;
create extension earthdistance schema geo;
set search_path = public, geo;
create table shop(id int primary key, lat float8, lon float8, pos geo.earth generated always as (ll_to_earth(lat, lon)) stored,
   check (earth_distance(ll_to_earth(lat, lon), ll_to_earth(0, 0)) > 0));
create index shop_kept on shop using gist (ll_to_earth(lat, lon));
create table visit(id int primary key, lat float8, lon float8);
create index visit_treated on visit using gist (ll_to_earth(lat, lon));
insert into shop(id, lat, lon) select i, 40 + i * 0.1, 10 + i * 0.1 from generate_series(1, 50) i;
insert into visit select id, lat, lon from shop;
create materialized view near as select id, earth_box(ll_to_earth(lat, lon), 1000) from shop;
