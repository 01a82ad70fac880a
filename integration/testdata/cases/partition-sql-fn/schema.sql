-- PostgreSQL inlines SQL functions when it prints a partition's condition, and when it plans a query of the root.
create function slug(t text) returns text language sql immutable as $$ select lower(t) $$;
create function slug2(t text) returns text language sql immutable as $$ select slug(t) $$;
create table ev(id int, k text, who text) partition by list (slug2(k));
create table ev_a partition of ev for values in ('a') partition by range (length(slug2(k)), slug2(k));
create table ev_a1 partition of ev_a for values from (1, 'a') to (3, 'z');
create table ev_b partition of ev for values in ('b');
insert into ev select i, case when i % 2 = 0 then 'A' else 'b' end, 'w' || i from generate_series(1, 300) i;
