create table a(id int primary key, name text not null, nick text);
insert into a select i, 'N'||i, 'x' from generate_series(1,20) i;
create domain nn as text not null; create domain nn2 as nn check (length(value) < 40);
create table b(id int primary key, n nn2, m text); insert into b select i, 'n'||i, null from generate_series(1,20) i;
alter table b add constraint m_nn check (m is not null) not valid;
create table c(id int primary key, email text check (email ~* '^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$' and position(' ' in email) = 0), site text check (site like 'http%'), phone text check (phone ~ '^[+0-9() .-]{5,30}$'), ip inet check (family(ip) = 4), z text check (z = upper(z)), pct int check (pct between 0 and 100), rating numeric(2,1) check (rating >= 1 and rating <= 5), age smallint constraint adult check (age >= 18), share float8 check (share > 0 and share < 1));
insert into c select i, 'u'||i||'@x.example', 'https://x.example/'||i, '+43 1 555 '||i, ('10.0.0.'||i)::inet, 'ABC', i, 1 + i % 5 * 0.8, 18 + i % 60, 0.99 / i from generate_series(1,90) i;
