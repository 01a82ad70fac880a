create table t(id int primary key, mail text, ssn text);
insert into t select i, 'u'||i||'@x.example', i from generate_series(1,200) i;
create view v as select id, ssn::int as n, mail from t;
create materialized view m as select sum(n) from v;
create materialized view by_prefix as select id, left(mail, 4) as k from t; create unique index on by_prefix (k);
create materialized view m2 as select * from m;
create materialized view m3 as select lower(mail) as mail from t; create unique index m3_u on m3(mail); create index m3_c on m3 ((length(mail)));
