-- NOT NULL constraints with a name, NOT VALID, NO INHERIT and inherited.
create table person(id int, name text, email text, phone text, constraint id_there not null id, constraint name_there not null name no inherit);
insert into person select i, 'Name' || i, 'p' || i || '@corp.invalid', case when i % 3 = 0 then null else '555' || i end from generate_series(1, 90) i;
update person set email = null where id % 5 = 0;
alter table person add constraint email_there not null email not valid;
alter table person add constraint phone_there not null phone not valid;
alter table person add primary key (id);
create table staff(grade int) inherits (person);
insert into staff select i, null, 'p' || i || '@corp.invalid', '555' || i, i from generate_series(101, 120) i;
create table event(at date not null, who text, n int, constraint who_there not null who) partition by range (at);
create table event_1 partition of event for values from ('2020-01-01') to ('2021-01-01');
create table event_2 partition of event for values from ('2021-01-01') to ('2022-01-01');
insert into event select date '2020-01-01' + i, 'Who' || i, nullif(i % 4, 0) from generate_series(1, 500) i;
alter table event add constraint n_there not null n not valid;
create domain filled as text constraint filled_there not null;
create table note(id int primary key, body filled);
insert into note select i, 'Body ' || i from generate_series(1, 20) i;
