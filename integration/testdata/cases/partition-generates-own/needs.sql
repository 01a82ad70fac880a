do $$ begin assert current_setting('server_version_num')::int >= 170000, 'PostgreSQL 17 or newer: partitions may have generated columns of their own'; end $$;
