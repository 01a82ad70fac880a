create table account(id int primary key, n int); insert into account select i, i from generate_series(1,5) i;
create function to_queue() returns trigger language plpgsql as $$ begin return new; end $$;
create constraint trigger to_queue after insert or update on account deferrable for each row execute function to_queue();
comment on trigger to_queue on account is 'sends every change to the queue';
create table part(a int) partition by list (a);
create table part_1 partition of part for values in (1);
create trigger to_queue after insert on part for each row execute function to_queue();
alter table part_1 disable trigger to_queue;
insert into part values (1);
