create table item(id int primary key, code text, n varchar(12) generated always as (code || '-item') stored);
insert into item select i, 'A-'||i from generate_series(1,100) i;
