-- masker leaves out and names the indexes that PostgreSQL cannot build for some results. It can build the unique one.
create function number(text) returns int language plpgsql immutable as $$ begin return substr($1, 2)::int; end $$;
create table item(id int primary key, code text, amount int, note text);
create index item_number on item (number(code));
create index item_ratio on item ((100 / amount));
create index item_note on item (note);
create unique index item_code on item (md5(code));
insert into item select i, 'x' || i, i, 'n' || i from generate_series(1, 40) i;
comment on index item_ratio is 'left out too';
