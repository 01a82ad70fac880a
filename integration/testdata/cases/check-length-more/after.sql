insert into p(id, nick) values (1000, 'abc');
insert into p(id, nick, "Bio") values (1001, 'abcd', '123456789');
