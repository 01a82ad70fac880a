create table part(id int primary key, code text, short char(5));
insert into part values (1, 'A-1', 'ab1'), (2, '', ''), (3, null, null);
