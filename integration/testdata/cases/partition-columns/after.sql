select tableoid::regclass::text, count(*), sum(id) from p group by 1 order by 1::text; 
select attrelid::regclass, string_agg(attname, ',' order by attnum) from pg_attribute where attrelid in ('p_eu'::regclass,'p_us_1'::regclass) and attnum>0 and not attisdropped group by 1 order by 1;
