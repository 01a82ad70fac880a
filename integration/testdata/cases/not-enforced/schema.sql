-- Constraints that are NOT ENFORCED: production breaks them, and a treatment may break them too.
create table team(id int primary key, code text unique);
create table member(id int primary key, team int, code text, name text, age int,
  constraint member_team foreign key (team) references team not enforced,
  constraint member_code foreign key (code) references team (code) not enforced,
  constraint adult check (age >= 18) not enforced,
  constraint name_short check (length(name) < 4) not enforced);
insert into team select i, 'c' || i from generate_series(1, 20) i;
insert into member select i, i % 40, 'c' || i, 'Name' || i, i from generate_series(1, 90) i;
create table part(at date, team int, constraint part_team foreign key (team) references team not enforced, constraint later check (at > '2100-01-01') not enforced) partition by range (at);
create table part_1 partition of part for values from ('2020-01-01') to ('2021-01-01');
insert into part select date '2020-01-01' + i, i from generate_series(1, 90) i;
