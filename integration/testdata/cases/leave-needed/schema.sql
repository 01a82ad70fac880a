create table team(id int primary key); insert into team select generate_series(1,5);
create table member(id int primary key, team_id int references team);
insert into member select i, i from generate_series(1,5) i;
