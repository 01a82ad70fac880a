create table sale(id int primary key);
create materialized view totals as select count(*) from sale;
create view shown as select * from totals;
