create domain celsius as float8;
create table m(id int primary key, f real, n numeric(6,2), c celsius, a float8[], da date[], dr daterange, nr numrange, z timestamptz, t timestamp, age float8, geo numeric, code numeric, gone float8,
	doc jsonb, seen date, label text);
insert into m values
	(1, 'NaN', 'NaN', 'Infinity', '{1,NaN,-Infinity,NULL}', '{infinity,2020-01-01}', '[2020-01-01,infinity)', '[1.5,Infinity)', 'infinity', '-infinity', 'NaN', '-Infinity', 'NaN', 'NaN', '{"at": "infinity", "n": 5}', 'infinity', 'a'),
	(2, '-Infinity', 1.25, 'NaN', '{}', '{-infinity}', '(,)', '(,)', '2020-01-01 10:00:00+00', '2020-01-01', 41, 12.5, 7, 'Infinity', '{"at": "2020-01-01", "n": 1}', '2020-05-05', 'b'),
	(3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
