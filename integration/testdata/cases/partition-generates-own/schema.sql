-- From PostgreSQL 17 on, a partition may compute a generated column in a way of its own.
create table item(id int, kind int, code text, size int generated always as (length(code)) stored) partition by list (kind);
create table item_1 partition of item for values in (1);
create table item_2 partition of item (size generated always as (code::int) stored) for values in (2);
insert into item(id, kind, code) select i, 1 + i % 2, i::text from generate_series(1, 40) i;
