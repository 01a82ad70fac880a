create schema "select"; create schema "My Schema"; create schema "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"; 
create table "select"."table"("from" int primary key, "where" text, "Order By" text unique);
create table "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"."nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß" int primary key, "a""b" text, "c'd" text, "e\f" text, "g.h" text, "$i$" text, "ünï 😀" text, " lead" text, "%s" text, "tab	x" text, "new
line" text);
create index "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäö1" on "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"."nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß" ("a""b");
create table "My Schema"."T"(id int generated always as identity (sequence name "My Schema"."nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäö2") primary key, "User" int references "select"."table");
create sequence "My Schema"."seq ""q"""; alter table "My Schema"."T" add "N" bigint default nextval('"My Schema"."seq ""q"""');
create type "My Schema"."En um" as enum ('a','it''s','"q"','b\c','','ä'); 
alter table "My Schema"."T" add "E" "My Schema"."En um" default 'it''s', add constraint "chk 'x' ""y""" check ("E" <> '"q"');
create domain "My Schema"."Dom ain" as text constraint "D 'c" check (value <> 'zz'); alter table "My Schema"."T" add "D" "My Schema"."Dom ain", add "DA" "My Schema"."Dom ain"[], add "EA" "My Schema"."En um"[];
create view "select"."user" as select * from "select"."table"; create materialized view "select"."group" as select count(*) as "count" from "select"."user";
create function "My Schema"."f n"("in" text) returns text language sql immutable as 'select lower($1)';
create index on "select"."table" ("My Schema"."f n"("where"));
comment on column "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"."nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"."a""b" is 'it''s "a" \ comment'; comment on table "select"."table" is E'two\nlines';
insert into "select"."table" select i, 'w'||i, 'o'||i from generate_series(1,9) i;
insert into "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß"."nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnäöüß" select i, 'a','b','c','d','e','f','g','h','i','j' from generate_series(1,9) i;
insert into "My Schema"."T"("User","E","D","DA","EA") select i,'','d','{x,y}','{a,"it''s"}' from generate_series(1,9) i;
create table "null"("null" int, "true" text, "default" text, "ctid2" text, "user" text, oid int); insert into "null" values (1,'x','y','z','u',5);
create table "Public"(public text); create table "pg_x"(id int); create table """"("""" int, "'" text); insert into """" values (1,'x');
