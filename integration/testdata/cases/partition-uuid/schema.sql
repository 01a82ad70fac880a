create table ev(id uuid, n int) partition by range (id);
create table ev1 partition of ev for values from (minvalue) to ('80000000-0000-0000-0000-000000000000'); create table ev2 partition of ev for values from ('80000000-0000-0000-0000-000000000000') to ('f0000000-0000-0000-0000-000000000000');
insert into ev select '10000000-0000-4000-8000-000000000000', i from generate_series(1, 300) i;
