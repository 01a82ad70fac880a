create table item(id int primary key, n int, m int);
create unique index item_share on item (id, (m / n));
insert into item select i, 1 + i % 3, i from generate_series(1,3000) i;
