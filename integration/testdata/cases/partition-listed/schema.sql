create table t(id int, region text) partition by list (region);
create table t0 partition of t for values in ('eu'); create table t1 partition of t for values in ('us');
insert into t select i, 'eu' from generate_series(1,50) i;
