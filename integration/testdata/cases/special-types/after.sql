select id, f from m where f in ('NaN', '-Infinity') order by id;
select id, n from m where n = 'NaN' order by id;
select id, c from m where c in ('NaN', 'Infinity') order by id;
select id, a[2], a[3], da[1] in ('infinity', '-infinity'), upper(dr), upper(nr) from m order by id;
select id, isfinite(z), isfinite(t), isfinite(seen), doc->>'at' = 'infinity' from m order by id;
select id, geo from m where geo = '-Infinity';
select id, code from m where code = 'NaN';
