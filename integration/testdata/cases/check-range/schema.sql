create table c(id int primary key check (id < 1000), n int check (n between 1 and 12)); insert into c select i, 1+i%12 from generate_series(1,90) i;
