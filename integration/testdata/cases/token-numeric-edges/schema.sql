create table item(id int primary key, price numeric(4,2) unique, below numeric(3,5), hundreds numeric(5,-2) unique, part numeric(3,3) unique);
insert into item select i, i, i * 0.00001, i * 100, i * 0.001 from generate_series(1, 90) i;
insert into item values (91, 99.99, 0.00999, 9999900, 0.999), (92, -99.99, -0.00999, -9999900, 0), (93, 'NaN', 'NaN', 'NaN', 'NaN');
