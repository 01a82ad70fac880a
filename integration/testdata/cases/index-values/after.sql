select indexrelid::regclass from pg_index where indrelid = 'item'::regclass and indexrelid::regclass::text not in ('item_number', 'item_ratio') order by indexrelid::regclass::text;
