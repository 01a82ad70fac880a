create domain short_name as varchar(200) check (char_length(value) <= 20);
create domain handle as short_name check (length(value) between 3 and 12);
create table p(id int primary key, given short_name, nick handle not null, email varchar(80) check (length(email) < 25 and email like '%@%'), "Bio" text check (octet_length("Bio") <= 9),
	town varchar(60) constraint town_len check (town is null or char_length(town) <= 14), note char(30) check (char_length(note) < 11), street text, phone text check (16 >= length(phone)),
	code text check (length(code) >= 5), tags text[]);
alter table p add constraint street_len check (char_length(street) <= 12 and octet_length(street) <= 12);
insert into p select i, 'Given'||i, 'nick'||i, 'u'||i||'@corp.example', 'short', 'Town '||i, 'note', 'Way '||i, '+43 1 555'||i, 'code'||i, array['a'] from generate_series(1, 300) i;
