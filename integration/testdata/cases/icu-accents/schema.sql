-- A treated key has a collation that ignores accents. masker cannot follow it, so the rules leave out the foreign key.
create collation ci (provider=icu, locale='und-u-ks-level2', deterministic=false);
create collation ai (provider=icu, locale='und-u-ks-level1', deterministic=false);
create table acc(id int primary key, login varchar(40) collate ai unique, email text collate ci unique);
create table sess(id int primary key, login varchar(40) collate ai references acc(login), email text collate ci references acc(email));
insert into acc select i, 'Usér'||i, 'User'||i||'@x.example' from generate_series(1,60) i;
insert into sess select i, 'uSER'||i , 'user'||i||'@X.example' from generate_series(1,60) i;
