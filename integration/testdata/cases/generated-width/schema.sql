create table t(id int primary key, mail text, amount numeric(12,2), n int, short varchar(8) generated always as (mail) stored, cents smallint generated always as (amount * 10) stored, small numeric(5,2) generated always as (amount) stored);
insert into t(id,mail,amount,n) select i, 'u'||i, i, i from generate_series(1,20) i;
