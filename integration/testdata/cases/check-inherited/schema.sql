-- A child declares its parent's constraint itself. The parent's constraint has to be merged into the child's.
create function positive(int) returns boolean language sql immutable as 'select $1 > 0';
create table base(a int, b int, constraint a_ok check (positive(a)), constraint b_ok check (b > 0));
create table child(a int, constraint a_ok check (positive(a)), constraint b_ok check (b > 0), constraint own check (b < 1000)) inherits (base);
create table grandchild(c text, constraint a_ok check (positive(a)), constraint here check (a < 100) no inherit) inherits (child);
insert into base values (1, 1);
insert into child values (2, 2);
insert into grandchild values (3, 3, 'x');
comment on constraint a_ok on base is 'positive';
