create table t(id int primary key, a text, g text generated always as (upper(a)) stored not null);
insert into t(id,a) select i, 'a' from generate_series(1,9) i;
