insert into a(n) values ('q') returning id; insert into b(n) values ('q') returning id; insert into c(n) values ('q') returning id; insert into d(n) values ('q') returning id;
insert into e default values returning id,f; insert into h(t) values ('q') returning id; insert into k default values returning *; insert into p(r) values (1) returning id; select nextval('unused'), nextval('never');
