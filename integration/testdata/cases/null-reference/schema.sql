create table team(id int primary key, name text);
create table member(id int primary key, team_id int references team, boss int references member, secret boolean not null);
create table pair(a int, b text, primary key (a, b));
create table uses(id int primary key, a int, b text, kind text not null, foreign key (a, b) references pair);
insert into team select i, 'Team '||i from generate_series(1, 9) i;
insert into member select i, 1 + i % 9, nullif(i / 2, 0), i % 3 = 0 from generate_series(1, 50) i;
insert into pair select i, 'p'||i from generate_series(1, 9) i;
insert into uses select i, i, 'p'||i, case i % 3 when 0 then 'x' when 1 then 'y' else 'z' end from generate_series(1, 9) i;
