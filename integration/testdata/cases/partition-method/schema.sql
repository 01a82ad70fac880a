-- A partitioned table names the access method of its partitions.
create schema "Odd ""s";
create table named(id int, b text) partition by range (id) using heap;
create table named_low partition of named for values from (0) to (100) partition by list (id);
create table named_low_default partition of named_low default;
create table unnamed(id int, b text) partition by range (id);
create table unnamed_all partition of unnamed default;
create table "Odd ""s"."t 'x"(id int, b text) partition by hash (id) using heap;
create table "Odd ""s".p0 partition of "Odd ""s"."t 'x" for values with (modulus 1, remainder 0);
insert into named select i, 'b'||i from generate_series(1, 20) i;
insert into unnamed select i, 'b'||i from generate_series(1, 20) i;
insert into "Odd ""s"."t 'x" select i, 'b'||i from generate_series(1, 20) i;
