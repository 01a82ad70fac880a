create table t(id int primary key, ssn text, n text);
create statistics st on (ssn::int), n from t;
insert into t select i, i, i from generate_series(1,20) i; analyze t;
