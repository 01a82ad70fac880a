create domain age as int check (value >= 0);
create domain positive as int check (value > 0);
create table item(id int primary key, price numeric not null check (price >= 0), kind text check (kind in ('a', 'b')), age age, level positive, constraint both_known check (price = 0 or kind = 'a'));

insert into item values (1, 5, 'a', 10, 1), (2, 0, null, null, null);
alter table item add constraint never check (price < 0) not valid;
