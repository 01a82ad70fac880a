create type mood as enum ('sad', 'ok'); create domain pos as int check (value > 0);
create table item(id int primary key, m text, n text);
create index item_m on item ((lower(m)::text), (n::pos));
create index item_s on item ((n::pos)) where n::pos > 5;
create view iv as select m::varchar(3) from item;
create materialized view imv as select m, count(*) from item group by 1; create unique index on imv (m);
insert into item select i, 'sad', i from generate_series(1,100) i;
refresh materialized view imv;
