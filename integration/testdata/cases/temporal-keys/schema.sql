-- Temporal keys: WITHOUT OVERLAPS and PERIOD, also on a partitioned table and with a treated column.
create extension if not exists btree_gist;
create table tenant(id int, name text, valid daterange, primary key (id, valid without overlaps), unique (name, valid without overlaps));
insert into tenant select 1 + i % 30, 'Tenant' || i % 30, daterange(date '2020-01-01' + 100 * (i / 30), date '2020-01-01' + 100 * (i / 30 + 1)) from generate_series(0, 89) i;
create table lease(id int primary key, tenant int, who text, valid daterange, foreign key (tenant, period valid) references tenant (id, period valid));
insert into lease select i, 1 + i % 30, 'Who' || i, daterange(date '2020-01-05' + i, date '2020-03-01' + i) from generate_series(1, 90) i;
create table late(tenant int, valid daterange, constraint late_tenant foreign key (tenant, period valid) references tenant (id, period valid) not valid);
create table room(id int, at tstzmultirange, primary key (id, at without overlaps));
insert into room select i, tstzmultirange(tstzrange('2020-01-01', '2020-01-02'), tstzrange('2020-02-01', '2020-02-02')) from generate_series(1, 9) i;
create table plan(region int, id int, valid daterange, primary key (region, id, valid without overlaps)) partition by list (region);
create table plan_1 partition of plan for values in (1);
create table plan_2 partition of plan for values in (2);
alter table plan_2 rename constraint plan_2_pkey to plan_two;
comment on constraint plan_two on plan_2 is 'Two';
insert into plan select 1 + i % 2, i, daterange('2020-01-01', '2021-01-01') from generate_series(1, 90) i;
