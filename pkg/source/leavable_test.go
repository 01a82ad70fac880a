package source_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

const leavableSchema = `
	create schema s;
	create domain mail as text constraint mail_at check (value ~ '@');
	create table person(id int primary key, email mail, name text, born date, data jsonb, constraint person_named check (name <> ''), unique (email));
	create table visit(id int, person_id int constraint visit_person references person, at date, note text) partition by range (at);
	create table visit_1 partition of visit for values from ('2020-01-01') to ('2021-01-01');
	create index visit_note on visit(note);
	create table lone(k text, other text, constraint lone_k exclude (lower(k) with =));
	alter table visit add constraint visit_key primary key (id, at);
	alter table visit add constraint visit_short check (length(note) < 100);
	create table base(a int, b text, constraint base_a check (a > 0));
	create table child(c int) inherits (base);
	create index "Odd.Name" on person(lower(name)) where born > '1900-01-01';
	create function digest(person) returns text language sql immutable as $$ select md5($1.name) $$;
	create index whole on person(digest(person));
	create function noop() returns trigger language plpgsql as $$ begin return new; end $$;
	create trigger visit_t after insert on visit for each row execute function noop();
	create view adult as select id, name from person where born < '2000-01-01';
	create materialized view s.totals as select count(name) from adult;
	create unique index totals_count on s.totals(count);
	create view s.shown as select * from s.totals;
	create materialized view rows as select md5(p::text) from person p;
	create materialized view bases as select a from base;
	create function total() returns setof s.totals language sql as 'select * from s.totals';
	create function one(int) returns text language plpgsql as $$ begin return (select note from visit where id = $1); end $$;
	create function two(int) returns text language sql as 'select one($1)';
	create materialized view called as select two(1);
	create view grouped as select id, name from person group by id;
	create cast (varchar as jsonb) with inout as implicit;
	create operator class s.text_ops2 for type text using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 bttextcmp(text, text);
	create index person_ops on person(name s.text_ops2);`

const leavableWant = `
check public.base.base_a reads public.base.a
check public.child.base_a of check public.base.base_a reads public.child.a
check public.person.person_named reads public.person.name
check public.visit.visit_short reads public.visit.note
check public.visit_1.visit_short of check public.visit.visit_short reads public.visit_1.note
cast (character varying as jsonb) superuser
domain check public.mail.mail_at reads public.person.email
exclusion constraint public.lone.lone_k reads public.lone.k
foreign key public.visit.visit_person reads public.person.id,public.visit.person_id
foreign key public.visit_1.visit_person of foreign key public.visit.visit_person reads public.person.id,public.visit_1.person_id
index public."Odd.Name" reads public.person.born,public.person.name
index public.lone_k of exclusion constraint public.lone.lone_k reads public.lone.k
index public.person_email_key of unique constraint public.person.person_email_key reads public.person.email
index public.person_ops reads public.person.name
index public.person_pkey of primary key public.person.person_pkey reads public.person.id needed by foreign key public.visit.visit_person
index public.visit_1_note_idx of index public.visit_note reads public.visit_1.note
index public.visit_1_pkey of primary key public.visit_1.visit_1_pkey reads public.visit_1.at,public.visit_1.id
index public.visit_key of primary key public.visit.visit_key reads public.visit.at,public.visit.id
index public.visit_note reads public.visit.note
index public.whole reads public.person.born,public.person.data,public.person.email,public.person.id,public.person.name
index s.totals_count reads public.person.born,public.person.id,public.person.name
materialized view public.bases reads public.base.a,public.child.a
materialized view public.called reads public.visit.id,public.visit.note
materialized view public.rows reads public.person.born,public.person.data,public.person.email,public.person.id,public.person.name
materialized view s.totals reads public.person.born,public.person.id,public.person.name needed by function public.total(),view s.shown
operator class s.text_ops2 using btree superuser needed by index public.person_ops
operator family s.text_ops2 using btree superuser needed by operator class s.text_ops2 using btree
primary key public.person.person_pkey reads public.person.id needed by view public.grouped
primary key public.visit.visit_key reads public.visit.at,public.visit.id
primary key public.visit_1.visit_1_pkey of primary key public.visit.visit_key reads public.visit_1.at,public.visit_1.id
trigger public.visit.visit_t
trigger public.visit_1.visit_t of trigger public.visit.visit_t
unique constraint public.person.person_email_key reads public.person.email`

func TestObjectsThatRulesCanLeaveOut(t *testing.T) {
	_, url := database(t, "leavable", leavableSchema)
	db, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, o := range db.Objects {
		got[leavableLine(o)] = true
	}
	for _, line := range strings.Split(strings.TrimSpace(leavableWant), "\n") {
		if !got[line] {
			t.Errorf("missing: %s", line)
		}
		delete(got, line)
	}
	for line := range got {
		t.Errorf("not wanted: %s", line)
	}
}

func leavableLine(o catalog.Object) string {
	line := o.Label()
	if o.Of != "" {
		line += " of " + o.Of
	}
	if len(o.Reads) > 0 {
		line += " reads " + strings.Join(sortedColumns(o.Reads), ",")
	}
	if o.Superuser {
		line += " superuser"
	}
	if len(o.NeededBy) > 0 {
		line += fmt.Sprint(" needed by ", strings.Join(o.NeededBy, ","))
	}
	return line
}

func sortedColumns(list []catalog.ColumnName) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Table.Column(c.Column))
	}
	slices.Sort(out)
	return out
}
