create table setting(id int primary key, doc jsonb unique);
insert into setting select i, jsonb_build_object('kind', 'mail', 'owner', 'o' || i) from generate_series(1, 40) i;
analyze;
