create type mood as enum ('sad', 'ok', 'happy');
create table ev(id int, f mood, who text) partition by list (f);
create table ev1 partition of ev for values in ('sad'); create table ev2 partition of ev for values in ('ok', 'happy');
insert into ev select i, 'sad', 'w' || i from generate_series(1, 300) i;
create table yes(id int, f boolean, who text) partition by list (f);
create table yes1 partition of yes for values in (true); create table yes2 partition of yes for values in (false);
insert into yes select i, i % 2 = 0, 'w' || i from generate_series(1, 300) i;
