create function bucket(t text, n int) returns int language plpgsql immutable as $$ begin return length(t) % 2 + n % 2; end $$;
create table ev(id int, name text, n int) partition by list (bucket(name, n));
create table ev0 partition of ev for values in (0); create table ev1 partition of ev for values in (1);
insert into ev select i, 'aa', i from generate_series(1, 300) i;
