create domain code as text check (length(value) <= 12);
create domain num as int check (value between 1 and 100);
create table offer(id int primary key, codes code[], nums num[]);
insert into offer select i, array['ABC-'||i, 'XYZ-1'], array[1,100] from generate_series(1,300) i;
