select count(*) from item; select count(*) from parted; select indexname from pg_indexes where indexname = 'item_name';
