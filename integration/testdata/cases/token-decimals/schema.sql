-- A numeric without a fixed number of decimals, alone and inside other values, with values that are no numbers.
create type part as (weight numeric, name text);
create table item(id int primary key, price numeric unique, big numeric, list numeric[], doc jsonb, p part);
create table line(id int primary key, price numeric references item(price));
insert into item select i, i * 1.25, i * 0.1234567890123456789, array[i * 0.5, i], jsonb_build_object('n', i * 0.75), row(i * 0.3, 'x')::part from generate_series(1, 99) i;
insert into item(id, price, big) values (100, 'NaN', 'Infinity'), (101, 1.5, '-Infinity'), (102, 1.10, 'NaN'), (103, -0.001, 1e-40), (104, 1000, 0);
insert into line select id, price from item;
