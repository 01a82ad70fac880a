-- A function of the source must never run in a session of masker's role on the source. Here it would fail the refresh.
create function honest(text) returns boolean language plpgsql as $$
begin
  if current_setting('transaction_read_only') = 'on' then
    raise exception 'called by masker' using errcode = '22023';
  end if;
  return true;
end $$;
create domain badge as text check (public.honest(value));
create function same(text, text) returns boolean language sql as $$ select public.honest($1) $$;
create operator public.=== (leftarg = text, rightarg = text, function = public.same);
create table t(id int primary key, a badge, b text check (public.honest(b)), c text check (c === 'x'), d text check (query_to_xml('select public.honest(''a'')', true, true, '') is not null or d is not null));
insert into t values (1, 'a', 'b', 'c', 'd');
