create table item(id int primary key, doc jsonb, kind text not null generated always as (doc ->> 'kind') stored);
insert into item(id, doc) select i, '{"kind": "a"}' from generate_series(1, 40) i;
