create domain pct as int check (value between 0 and 100);
create domain code as text check (value ~ '^[A-Z]{2}[0-9]+$');
create type pctrange as range (subtype = pct);
create type addr as (street text, zip code);
create table t(id int primary key, c code[], a addr, m addr[], p pct[], r pctrange);
insert into t select i, array['AB1','CD2'], row('S','AB9')::addr, array[row('S','AB9')::addr], array[1,2,99], pctrange(1, 50) from generate_series(1,50) i;
