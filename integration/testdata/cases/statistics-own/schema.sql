create function part(t text) returns int language plpgsql immutable as $$ begin return split_part(t, '-', 2)::int; end $$;
create table item(id int primary key, code text, n int);
create statistics item_s on (part(code)), (n / nullif(n - 3, 0)) from item;
create statistics item_t (ndistinct) on code, n from item;
create index item_i on item ((1 / n));
insert into item select i, 'A-'||i, i from generate_series(1,100) i;
analyze item;
