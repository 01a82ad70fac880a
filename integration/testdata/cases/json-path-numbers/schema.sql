create table doc(id int primary key, d jsonb not null, t text);
create index doc_age on doc (((d ->> 'age')::int));
create unique index doc_no on doc (((d #>> '{a,no}')::bigint));
create index doc_tags on doc using gin ((d -> 'tags'));
create index doc_at on doc (((d ->> 'at')::text collate "C"), ((d -> 'price')::numeric));
insert into doc select i, jsonb_build_object('age', i, 'a', jsonb_build_object('no', i), 'tags', '["a"]'::jsonb, 'at', '2020-01-01', 'price', i * 1.5), 'A-' || i from generate_series(1,100) i;
