-- Deferrable constraints, actions of foreign keys, MATCH FULL, INCLUDE, an EXCLUDE constraint over dates of one subject.
create extension if not exists btree_gist;
create table a(id int primary key deferrable, code text unique deferrable initially deferred, b int, note text, unique (note) include (b));
create table b(id int primary key, a int);
insert into a select i, 'c' || i, i, 'n' || i from generate_series(1, 50) i; insert into b select i, i from generate_series(1, 50) i;
alter table a add foreign key (b) references b deferrable initially deferred;
create unique index on a (id) include (code, note);
create table country(code text primary key, n int);
create table town(id int primary key, c text references country on update cascade on delete set null, d text default null references country on update set default);
insert into country select 'c' || i, i from generate_series(1, 50) i; insert into town select i, 'c' || i, 'c' || i from generate_series(1, 50) i;
create table pair(x int, y int, primary key (x, y));
create table half(id int primary key, x int, y int, foreign key (x, y) references pair match full);
insert into pair select i, i from generate_series(1, 50) i; insert into half select i, i, i from generate_series(1, 50) i;
create table booking(id int primary key, room int, who text, during tstzrange, exclude using gist (room with =, during with &&) where (who is not null));
insert into booking select i, i % 5, 'A', tstzrange('2020-01-01'::timestamptz + i * interval '10 day', '2020-01-05'::timestamptz + i * interval '10 day') from generate_series(1, 50) i;
