create table team(id int primary key); insert into team select generate_series(1,5);
create table member(id int primary key, team_id int references team);
insert into member select i, i from generate_series(1,5) i;
create table log(id int, team_id int, constraint log_team foreign key (team_id) references team) partition by list (team_id);
create table log_1 partition of log for values in (1, 2, 3);
insert into log select i, i from generate_series(1,3) i;
