-- IS JSON, SQL/JSON constructors, integers with underscores, and STORAGE of columns.
create table doc(id int primary key, raw text storage external compression pglz, note text, n int check (n < 1_000_000), hex int check (hex < 0xFF_FF),
  constraint raw_is_json check (raw is json with unique keys),
  constraint built check (json_array(n, hex) is not null));
create unique index on doc ((note is json), id) where raw is json object;
create view built as select json_object('id': id, 'n': n absent on null) as j, json_arrayagg(hex) over () as a from doc;
insert into doc select i, '{"a": ' || i || '}', 'Note' || i, i, i from generate_series(1, 90) i;
create collation if not exists rules (provider = icu, locale = '', rules = '&a < g');
create table sorted(name text collate rules);
insert into sorted values ('apple'), ('green'), ('bird');
