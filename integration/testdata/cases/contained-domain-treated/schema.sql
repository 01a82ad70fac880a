create domain code as text check (value ~ '^[A-Z]{3}-[0-9]+$');
create domain mail as text check (value like '%@example.org');
create domain num as int check (value % 7 = 0);
create table offer(id int primary key, codes code[], mails mail[], nums num[]);
insert into offer select i, array['ABC-'||i, 'XYZ-1'], array['u'||i||'@example.org'], array[i*7,14] from generate_series(1,300) i;
