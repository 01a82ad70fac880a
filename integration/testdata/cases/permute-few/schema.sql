create table month(m smallint primary key check (m between 1 and 12), label text);
create table day(id int primary key, m smallint references month);
create table flag(f smallint primary key, n numeric(2) unique check (n >= 1 and n <= 9));
insert into month select i, 'M'||i from generate_series(1, 12) i;
insert into day select i, 1 + i % 12 from generate_series(1, 60) i;
insert into flag select i, i from generate_series(1, 9) i;
analyze;
