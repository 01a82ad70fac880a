select c.relname, a.amname from pg_class c left join pg_am a on a.oid = c.relam where c.relkind in ('p', 'r') and c.relnamespace::regnamespace::text in ('public', '"Odd ""s"') order by 1;
select count(*), count(distinct b) from named;
