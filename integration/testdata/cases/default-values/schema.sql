-- Tables of settings often have one row, which still has the defaults. The target's schema has these texts too.
create table site(id int primary key, question text not null default 'to verify that you are human, please explain why you join us',
  template varchar(40) default 'icon_template_2018.docx', largest_file bigint default 1073741824, sender text);
insert into site(id, sender) values (1, 'Edsger Dijkstra');
