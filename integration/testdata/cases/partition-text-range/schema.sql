create table ev(id int, name text) partition by range (name);
create table ev1 partition of ev for values from (minvalue) to ('M'); create table ev2 partition of ev for values from ('M') to ('Zzz');
insert into ev select i, case when i % 2 = 0 then 'Anna' else 'Zoe' end from generate_series(1, 300) i;
