create table sale(id int primary key, code text); insert into sale select i, i::text from generate_series(1,10) i;
create view numbers as select id, code::int as n from sale;
create materialized view totals as select id, sum(n) as total from numbers group by id;
create unique index totals_id on totals(id);
comment on materialized view totals is 'sums';
grant select on totals to public;
create materialized view others as select max(total) from totals;
