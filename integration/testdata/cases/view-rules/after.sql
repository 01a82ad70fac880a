select count(*) from t; select count(*) from log; select ev_enabled, rulename from pg_rewrite where rulename in ('noisy','nodel','v_ins') order by 2;
insert into v values (99,'x'); select count(*) from log; delete from t where id=99; select count(*) from t;
