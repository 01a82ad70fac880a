alter database :"DBNAME" set bytea_output='escape'; alter database :"DBNAME" set datestyle='SQL, DMY'; alter database :"DBNAME" set intervalstyle='sql_standard';
alter database :"DBNAME" set escape_string_warning=off;  alter database :"DBNAME" set session_replication_role='replica';
alter database :"DBNAME" set timezone='Asia/Kathmandu'; alter database :"DBNAME" set extra_float_digits=0; alter database :"DBNAME" set default_transaction_isolation='serializable'; alter database :"DBNAME" set default_transaction_deferrable=on;
alter database :"DBNAME" set search_path='""'; alter database :"DBNAME" set statement_timeout='2s'; alter database :"DBNAME" set lock_timeout='1s'; alter database :"DBNAME" set idle_in_transaction_session_timeout='1s';
alter database :"DBNAME" set client_encoding='latin1'; alter database :"DBNAME" set xmlbinary='hex'; alter database :"DBNAME" set xmloption='document'; alter database :"DBNAME" set check_function_bodies=on;
alter database :"DBNAME" set quote_all_identifiers=on;  alter database :"DBNAME" set transform_null_equals=on; alter database :"DBNAME" set role='none'; alter database :"DBNAME" set default_text_search_config='pg_catalog.german';
alter database :"DBNAME" set backslash_quote=off; alter database :"DBNAME" set lo_compat_privileges=on; alter database :"DBNAME" set plan_cache_mode=force_generic_plan; alter database :"DBNAME" set enable_seqscan=off; alter database :"DBNAME" set "my.setting"='it''s'; 
\c
set search_path=public;
create table t(id int primary key, b bytea, d date, i interval, ts timestamptz, f float8, r real, x xml, n text, a int[], def date default '2020-12-31', iv interval default '1 2:03:04', arr text[] default '{a,NULL}', ch interval check (ch > '-1 day'));
insert into t(id,b,d,i,ts,f,r,x,n,a,ch) values (1,'\x00ff41','2020-02-03','1 year -2 days 03:04:05','2020-02-03 04:05:06.789+01',0.1::float8+0.2,0.1,'<a/>','back\slash','{1,NULL}','1 day');
create table s(id int primary key, d date check (d < '2030-01-02'), who text) ; insert into s values (1,'2021-01-01','x');
create index on t (b) where b <> '\x41'; create view v as select * from s where d < '2025-01-02'::date and 'a\b' <> who;
create table pt(d timestamptz, v text) partition by range(d); create table pt1 partition of pt for values from ('2020-01-01') to ('2021-01-01'); insert into pt values ('2020-06-01 12:00+00','x');
alter database :"DBNAME" set default_transaction_read_only=on;
