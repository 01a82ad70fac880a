create domain recent as date;
create domain label as text check (length(value) < 100);
create type pair as (a recent, b int);
create type span as range (subtype = recent);
create domain pairs as pair[];
create table offer(id int primary key, days recent[], p pair, ps pair[], dps pairs, r span, note label, labels label[]);
insert into offer select i, array['2020-01-10'::date]::recent[], row('2020-01-10', i)::pair, array[row('2020-01-10', i)::pair], array[row('2020-01-10', i)::pair], span('2020-01-10','2020-01-12'), 'n' || i, array['a' || i, 'b'] from generate_series(1, 300) i;
