do $$ begin assert current_setting('server_version_num')::int >= 180000, 'PostgreSQL 18 or newer: it has NOT NULL constraints that are NOT VALID'; end $$;
