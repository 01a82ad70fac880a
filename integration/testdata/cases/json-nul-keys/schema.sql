create table ev(id int primary key, j json, t text);
insert into ev values
	(1, '{"email":"a@b.example","k\u0000":"x","free":{"\ud83d":["\u0000", 1]}}', '{"a":"\u0000","b":"x"}'),
	(2, '{"list":[{"kind":"\ude00","value":"s"},{"kind":"mail","value":"\u0000"}],"out":{"\u0000":1}}', '{"a":"y","b":"\ud83d"}'),
	(3, '{"email":"c@d.example","gone":"\ud83d\u0041"}', null);
