create table item(id int primary key, price numeric not null check (price > 0), kind text, constraint known check (kind in ('a', 'b') or price > 100));
insert into item values (1, 5, 'a');
