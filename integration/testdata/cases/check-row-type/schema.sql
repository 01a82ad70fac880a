-- pg_dump writes these constraints after the rows, because their functions take the row type of the table.
create table account(id int primary key, owner text not null, balance numeric not null, opened date not null);
create function alone(a account) returns bool language sql stable as $$ select not exists (select from account b where b.owner = $1.owner and b.id <> $1.id) $$;
create function lately(a account) returns bool language plpgsql stable as $$ begin return a.opened > current_setting('app.since')::date; end $$;
create function holds(a account) returns bool language sql immutable as $$ select a.balance is not null $$;
insert into account select i, 'Owner-' || (array['a','b','c','d'])[i], i, date '2020-01-01' from generate_series(1, 4) i;
set app.since = '2000-01-01';
alter table account add constraint "owner alone" check (alone(account)), add constraint opened_lately check (lately(account)), add check (holds(account));
comment on constraint opened_lately on account is 'kept';
