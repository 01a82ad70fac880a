create domain code as text check (length(value) <= 8);
create domain pct as int check (value between 0 and 100);
create domain day as date check (value >= '2000-01-01');
create type addr as (street text, zip code, share pct);
create table t(id int primary key, c code[], p pct[], a addr, m code, ds day[], many addr[]);
insert into t select i, array['abc','d'], array[i%100, 3], row('S','1234',i%100)::addr, 'x', array['2000-01-02'::date], array[row('S','1',99)::addr] from generate_series(1,50) i;
