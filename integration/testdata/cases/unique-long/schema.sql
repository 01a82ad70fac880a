-- A permuted text cannot be compressed, and is then too long for an index.
create table page(id int primary key, path text not null);
create unique index page_path on page (path);
create table visit(id int primary key, path text references page (path));
insert into page select i, i || repeat('a', 20000) from generate_series(1,10) i;
insert into visit select i, i || repeat('a', 20000) from generate_series(1,10) i;
