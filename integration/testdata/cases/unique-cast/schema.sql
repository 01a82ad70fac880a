create table item(id int primary key, code text, spare text);
create unique index item_code on item ((code::int));
create unique index item_spare on item (id, (spare::int));
insert into item select i, (2000000000 + i * 1000)::text, (2000000000 + i * 1000)::text from generate_series(1,100) i;
