create table ev(id int primary key, body text, short varchar(60) not null, parts text[]);
insert into ev values (1, '{"email": "a@b.example"}', '{"email": "c@d.example"}', '{"{\"email\": \"x@y.example\"}",oops}'), (2, 'n/a', '', '{}'), (3, '', 'not json at all', null), (4, null, '{"email":', '{NULL}'), (5, 'null', 'x', '{""}');
