-- A function reads a materialized view that comes later in the archive.
create table item(id int primary key, code text);
create function counted() returns bigint language plpgsql stable as $$ begin return (select count(*) from zz); end $$;
create function broken() returns bigint language plpgsql stable as $$ begin return (select count(*) from zb); end $$;
insert into item select i, 'A-'||i from generate_series(1,100) i;
create materialized view zz as select code from item;
create materialized view zb as select split_part(code, '-', 2)::int from item;
create materialized view aa as select counted() as n;
create materialized view ab as select n + 1 as n from aa;
create materialized view ac as select broken() as n;
