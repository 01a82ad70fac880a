create table t(id int, ssn text) partition by range ((ssn::int));
create table t1 partition of t for values from (0) to (1000);
insert into t select i, i from generate_series(1,20) i;
