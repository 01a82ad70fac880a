create table ev(id int, name text) partition by list (lower(name));
create table ev1 partition of ev for values in ('anna'); create table ev2 partition of ev for values in ('zoe');
insert into ev select i, case when i % 2 = 0 then 'Anna' else 'Zoe' end from generate_series(1, 300) i;
