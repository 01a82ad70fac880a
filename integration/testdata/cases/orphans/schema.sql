-- constraints that are marked as valid, but production's rows break them
create table parent(id int primary key, code text unique); insert into parent select i, 'c' || i from generate_series(1, 20) i;
create table child(id int primary key, parent_id int constraint child_parent references parent, code text constraint child_code references parent(code), note text);
create table part(id int, parent_id int constraint part_parent references parent) partition by range (id);
create table part_1 partition of part for values from (0) to (100);
set session_replication_role = replica;
insert into child select i, i * 3, 'c' || i, 'n' || i from generate_series(1, 10) i;
insert into part select i, i * 3 from generate_series(1, 10) i;
set session_replication_role = origin;
create function young(d date) returns bool language plpgsql stable as $$ begin return d > coalesce(nullif(current_setting('app.today', true), '')::date, current_date) - 30; end $$;
set app.today = '2020-01-15';
create domain recent as date check (value > '1900-01-01');
create table log(id int primary key, at recent constraint still_young check (young(at)), who text);
comment on constraint still_young on log is 'ages';
create table base(id int, d date constraint base_young check (young(d)) no inherit);
create table heir() inherits (base);
insert into log select i, '2020-01-10', 'w' || i from generate_series(1, 5) i;
insert into base values (1, '2020-01-10');
insert into heir values (2, '1999-01-10');
