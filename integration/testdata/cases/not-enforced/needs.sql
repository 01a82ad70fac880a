do $$ begin assert current_setting('server_version_num')::int >= 180000, 'PostgreSQL 18 or newer: it has constraints that are NOT ENFORCED'; end $$;
