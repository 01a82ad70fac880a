set search_path = lib, public;
select count(*) from person where lib.fold(name) <> '' and age > lib.least_age();
