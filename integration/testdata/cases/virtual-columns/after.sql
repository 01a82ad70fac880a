select count(*), count(*) filter (where full_name = given || ' ' || family), count(*) filter (where cents = price * 100) from person;
select count(*), sum(half) from measure;
select attname, attgenerated, attnotnull from pg_attribute where attrelid = 'person'::regclass and attgenerated <> '' order by 1;
