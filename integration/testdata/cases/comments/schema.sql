comment on extension plpgsql is 'mine'; comment on schema public is 'hello';
create schema s; comment on schema s is 's'; create table s.t(id int primary key constraint pos check (id > 0), n text); comment on table s.t is 't'; comment on column s.t.n is 'n'; comment on constraint pos on s.t is 'c'; comment on index s.t_pkey is 'pk'; comment on constraint t_pkey on s.t is 'pkc';
create view s.v as select * from s.t; comment on view s.v is 'v'; comment on column s.v.n is 'vn'; create materialized view s.m as select 1 a; comment on materialized view s.m is 'm'; comment on column s.m.a is 'ma';
create sequence s.q; comment on sequence s.q is 'q'; create type s.c as (a int, b text); comment on type s.c is 'c'; comment on column s.c.a is 'ca'; create domain s.d as int constraint dd check (value > 0); comment on domain s.d is 'd'; comment on constraint dd on domain s.d is 'dd';
create function s.f(int) returns int language sql as 'select 1'; comment on function s.f(int) is 'f'; create procedure s.p() language sql as 'select 1'; comment on procedure s.p() is 'p'; create aggregate s.agg(int) (sfunc = int4pl, stype = int); comment on aggregate s.agg(int) is 'a';
create operator s.### (leftarg = int, rightarg = int, function = int4pl); comment on operator s.### (int,int) is 'o';
create collation s.co (provider = icu, locale = 'de'); comment on collation s.co is 'co'; create text search dictionary s.tsd (template = simple); comment on text search dictionary s.tsd is 'tsd'; create text search configuration s.tsc (copy = simple); comment on text search configuration s.tsc is 'tsc';
create statistics s.st on id, n from s.t; comment on statistics s.st is 'st'; create rule r as on update to s.t do also nothing; comment on rule r on s.t is 'r'; create policy po on s.t using (true); comment on policy po on s.t is 'po'; create publication pub for table s.t; comment on publication pub is 'pub';
create type s.e as enum ('a'); create cast (s.e as int4) with inout as assignment; comment on cast (s.e as int4) is 'cast'; create type s.rng as range (subtype = int); comment on type s.rng is 'rng';
create conversion s.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8; comment on conversion s.conv is 'conv';
create extension citext schema s; comment on extension citext is 'ci'; 

insert into s.t select 1, 'x';
