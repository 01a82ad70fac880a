-- Functions of the source raise errors with SQLSTATEs of their own, in indexes that are unique and in one that is not.
create function part(t text) returns text language plpgsql immutable as $$ begin if t !~ '^A-' then raise exception 'not a code' using errcode = 'MY001'; end if; return t; end $$;
create function state(t text) returns text language plpgsql immutable as $$ begin if t !~ '^A-' then raise sqlstate '45000'; end if; return t; end $$;
create table item(id int primary key, code text);
create unique index item_part on item (id, part(code));
create index item_state on item (state(code));
create unique index item_some on item (id) where part(code) > 'A';
create table kind(a int not null, b text, unique (a));
create unique index kind_some on kind (a, part(b)) include (b);
alter table kind replica identity using index kind_a_key;
insert into item select i, 'A-'||i from generate_series(1,100) i;
insert into kind select i, 'A-'||i from generate_series(1,100) i;
