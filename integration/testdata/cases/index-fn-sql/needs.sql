do $$ begin assert current_setting('server_version_num')::int < 170000, 'PostgreSQL 16 or older: later versions build no index with names that only a search path finds'; end $$;
