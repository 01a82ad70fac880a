create table t(id int primary key, a text, b text, active bool, flag bool, deleted_at timestamptz);
create unique index u1 on t (a) where active and deleted_at is null;
create unique index u2 on t (coalesce(b,''), active);
create unique index u3 on t ((lower(a) || coalesce(b,'')));
insert into t select i, 'a'||i/2, 'b'||i, i%2=0, true, case when i%4=1 then now() end from generate_series(1,50) i;
