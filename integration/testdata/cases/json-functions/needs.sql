do $$ begin assert current_setting('server_version_num')::int >= 170000, 'PostgreSQL 17 or newer: it has JSON_VALUE and JSON_EXISTS'; end $$;
