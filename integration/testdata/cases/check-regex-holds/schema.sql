create table c(id int primary key, code varchar(30) check (code ~ '^[A-Za-z0-9_-]+$'), mail text check (mail ~* '^[^@]+@[^@]+$'), pin text check (pin ~ '^[0-9*]+$'));
insert into c select i, 'AB' || 1000 + i, 'u' || i || '@x.example', '12' || i from generate_series(1,90) i;
