create table scan(id int primary key, body oid);
select lo_create(4242);
insert into scan values (1, 4242);
