select count(*), count(distinct lower(doc ->> 'mail')), count(distinct doc ->> 'code') from person;
select count(*), count(distinct no), count(distinct animal), count(distinct keeper) from cage;
select conname, convalidated from pg_constraint where conrelid = 'cage'::regclass and contype = 'x' order by 1;
select indexrelid::regclass, indisunique, indisvalid from pg_index where indrelid = 'person'::regclass order by indexrelid::regclass::text;
