do $$ begin assert current_setting('server_version_num')::int >= 150000, 'PostgreSQL 15 or newer: it has NULLS NOT DISTINCT'; end $$;
