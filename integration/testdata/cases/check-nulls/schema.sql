create table c(id int primary key, a text, b text, check (num_nonnulls(a, b) = 1));
insert into c select i, case when i % 2 = 0 then 'a' end, case when i % 2 = 1 then 'b' end from generate_series(1,90) i;
