create function even(n int) returns int language plpgsql immutable as $$ begin if n % 2 = 1 then raise 'odd'; end if; return n / 2; end $$;
create table item(id int primary key, a int, g int generated always as (even(a)) stored);
insert into item(id, a) select i, 2 * i from generate_series(1,100) i;
