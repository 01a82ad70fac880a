-- masker knows all results, and each has a partition.
create table ev(id int, name text) partition by list ("left"(name, 1));
create table ev1 partition of ev for values in ('A','B','C','D','E','F','G','H','I','J','K','L','M'); create table ev2 partition of ev for values in ('N','O','P','Q','R','S','T','U','V','W');
insert into ev select i, case when i % 2 = 0 then 'Anna' else 'Tom' end from generate_series(1, 300) i;
