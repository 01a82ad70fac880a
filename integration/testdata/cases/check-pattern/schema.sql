create table item(id int primary key, code text check (code ~ '^[A-Z]{2}-[0-9]+$'));
insert into item select i, 'AB-' || i from generate_series(1, 40) i;
