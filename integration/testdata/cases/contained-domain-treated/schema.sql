-- Rows break constraints of domains inside arrays. The function of the domain iban raises an error for results.
create function iban_ok(t text) returns bool language plpgsql immutable as $$ begin
  if t !~ '^[A-Z]{2}[0-9]+$' then raise exception 'bad'; end if; return true; end $$;
create domain iban as text check (iban_ok(value));
create domain code as text check (value ~ '^[A-Z]{3}-[0-9]+$');
create domain mail as text check (value like '%@example.org');
create domain num as int check (value % 7 = 0);
create table offer(id int primary key, codes code[], mails mail[], nums num[]);
insert into offer select i, array['ABC-'||i, 'XYZ-1'], array['u'||i||'@example.org'], array[i*7,14] from generate_series(1,300) i;
create type account as (owner text, no iban);
create table pay(id int primary key, list iban[], a account);
insert into pay select i, array['DE' || i]::iban[], row('x', 'AT' || i)::account from generate_series(1, 50) i;
create table paid(id int primary key, list iban[]); insert into paid select id, list from pay;
