create table c(id int primary key, a text, b text, d text, check (num_nonnulls(a, b) = 1), check (num_nonnulls(b, d) <= 2), check (num_nulls(id, d) >= 1 or id > 0));
insert into c select i, case when i % 2 = 0 then 'a' end, case when i % 2 = 1 then 'b' end, 'd' from generate_series(1,90) i;
