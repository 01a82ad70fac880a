-- PostgreSQL cannot print the body of f, because its first parameter has no name, and others have one.
create table t(a int);
create function f(int, out x int, out y int) begin atomic select $1, 1; end;
create function g(int) returns int return $1 + 1;
create function h(int, out x text) language sql as $$ select '""'::text || $1 $$;
insert into t values (1);
