-- Partitions by ranges without gaps. The results of shift and noise stay within the whole range, with and without a
-- subject, so each result has a partition.
create table visit(id int, who int, d date not null, ts timestamptz, note text) partition by range (d);
create table v1 partition of visit for values from ('2024-01-01') to ('2024-02-01');
create table v2 partition of visit for values from ('2024-02-01') to ('2024-03-01') partition by list (note);
create table v2a partition of v2 for values in ('a'); create table v2b partition of v2 default;
create table v3 partition of visit for values from ('2024-03-01') to ('2024-04-01') partition by hash (id);
create table v3a partition of v3 for values with (modulus 2, remainder 0); create table v3b partition of v3 for values with (modulus 2, remainder 1);
insert into visit select i, i % 7, date '2024-01-01' + i % 91, now(), case when i % 2 = 0 then 'a' else 'b' end from generate_series(1, 300) i;
create table part2(id int, d timestamptz, r text, n numeric(8,2)) partition by list (r);
create table p2a partition of part2 for values in ('eu') partition by range (d);
create table p2a1 partition of p2a for values from ('2024-01-01') to ('2024-07-01'); create table p2a2 partition of p2a for values from ('2024-07-01') to ('2025-01-01');
create table p2b partition of part2 for values in ('us', null) partition by range (d);
create table p2b1 partition of p2b for values from ('2024-01-01') to ('2025-01-01');
insert into part2 select i, '2024-01-01'::timestamptz + i * interval '1 day', (array['eu','us',null])[1+i%3], i from generate_series(0, 365) i;
create table n(id int, n numeric(6,2), f float8, i int) partition by range (n);
create table n1 partition of n for values from (0) to (100.5); create table n2 partition of n for values from (100.50) to (200);
insert into n select i, i, i, i from generate_series(0, 199) i;
