do $$ begin assert current_setting('server_version_num')::int >= 160000, 'PostgreSQL 16 or newer: it has IS JSON, and ICU collations with rules'; end $$;
