create table t(id int primary key, d date, ts timestamptz, n text);
insert into t values (1,'infinity','infinity','a'),(2,'0044-03-15 BC','0044-03-15 BC','b'),(3,'10000-01-01','10000-01-01','c'),(4,'2020-01-01','2020-01-01','d'),(5,null,null,'e');
