create table c(id int primary key, kind text check (kind = any (array['a','b'])), st text not null check (st in ('open','closed')));
insert into c select i, 'a', 'open' from generate_series(1,90) i;
