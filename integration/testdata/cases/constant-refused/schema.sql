create extension ltree;
create table node(id int primary key, path ltree);
insert into node values (1, 'a.b');
