create table h(id int, mail text) partition by hash (mail);
create table h1 partition of h for values with (modulus 4, remainder 0); create table h2 partition of h for values with (modulus 4, remainder 1); create table h3 partition of h for values with (modulus 4, remainder 2);
insert into h values (1, null);
do $$ begin for i in 1..60 loop begin insert into h values (i, 'm' || i); exception when check_violation then null; end; end loop; end $$;
