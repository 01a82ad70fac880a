select count(distinct rtrim(refers.code)), count(*) from refers join wide on wide.code = refers.code::bpchar;
select count(*) from person join country using (code);
select count(*) from note join country on note.code::bpchar = country.code;
select count(*) from padded join plain on padded.code::text = plain.code and padded.again::text = plain.again;
select count(*) from further join person using (code);
insert into country values ('NEW');
insert into note values (9, 'NEW   ');
