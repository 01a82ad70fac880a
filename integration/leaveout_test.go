package integration

import (
	"path/filepath"
	"strings"
	"testing"
)

// leavingSite is a site with the schema and the rules of a case, and with further rules.
func leavingSite(t *testing.T, folder, rules string) *site {
	t.Helper()
	srv := Server(t)
	src, dst := database(t, srv, "leave_src", ""), newDatabaseURL(t, srv, "leave_dst")
	script(t, src, filepath.Join("testdata/cases", folder, "schema.sql"))
	return newSite(t, src, dst).rules(t, rules)
}

// withoutLeaveOut cuts the decision off the rules of a case.
func withoutLeaveOut(t *testing.T, folder string) string {
	t.Helper()
	rules, _, found := strings.Cut(readText(t, filepath.Join("testdata/cases", folder, "rules.yaml")), "objects:")
	if !found {
		t.Fatalf("the rules of %s leave nothing out", folder)
	}
	return rules
}

// F8: masker makes indexes and CHECK constraints after it has loaded all rows. If rules break an index or constraint,
// masker leaves it out or makes it NOT VALID. The note names the columns, and the line to write in the rules.
func TestF8ANoteNamesTheColumnTheRuleAndTheLineToWrite(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string][]string{
		"leave-index": {
			`index public.Data Number is left out: it cannot be built for the values of a row (SQLSTATE 22P02); it reads columns that rules change: public.person.data (rules.yaml:7:7)`,
			`objects: {leave_out: {"public.\"Data Number\"": "the reason"}}`,
		},
		"leave-check": {
			"CHECK constraint mail_at of DOMAIN public.mail is NOT VALID: rows break it (SQLSTATE 23514); it reads columns that rules change: public.person.mail (rules.yaml:3:",
			`objects: {leave_out: {"public.mail.mail_at": "the reason"}}`,
		},
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			rules := withoutLeaveOut(t, folder)
			switch folder {
			case "leave-index": // the plan refuses the other indexes before
				rules += "objects: {leave_out: {public.person.person_email_key: x, public.visit_code: x, public.visit_2_own: x}}\n"
			case "leave-check": // the plan refuses the other constraints
				rules += "objects: {leave_out: {public.person.adult: x, public.person.later: x, public.person.nobody: x, public.base.base_a: x, public.part.part_b: x}}\n"
			}
			o := leavingSite(t, folder, rules).refresh(t)
			for _, text := range want {
				if o.code != exitDone || !strings.Contains(o.stderr+o.stdout, text) {
					t.Errorf("the note lacks %s\n%s", text, o)
				}
			}
		})
	}
}

// F8: the index of a partition cannot be left out alone. So the note about it has the line for the whole index. A
// unique index that is left out is not enforced, and the note says so.
func TestF8ANoteOnAPartHasTheLineForTheWhole(t *testing.T) {
	t.Parallel()
	const folder = "partition-unique-own"
	o := leavingSite(t, folder, readText(t, filepath.Join("testdata/cases", folder, "rules.yaml"))).refresh(t)
	for _, want := range []string{
		"index public.i0_id_part_idx is left out, and the target does not enforce it: it cannot be built for the values of a row (SQLSTATE 22P02)",
		`objects: {leave_out: {"public.item_u": "the reason"}}`,
	} {
		if o.code != exitDone || !strings.Contains(o.stderr+o.stdout, want) || strings.Contains(o.stdout, `{"public.i0_id_part_idx"`) {
			t.Errorf("the note lacks %s\n%s", want, o)
		}
	}
}

// F8: masker fills materialized views after it has loaded all rows. A view that a rule breaks stays unpopulated. The
// note names the view, and the line to write in the rules.
func TestF8AViewThatARuleBreaksIsUnpopulatedAndNamed(t *testing.T) {
	t.Parallel()
	o := leavingSite(t, "leave-matview", withoutLeaveOut(t, "leave-matview")).refresh(t)
	for _, want := range []string{
		"materialized view public.totals is left unpopulated: it cannot be filled (SQLSTATE 22P02); it reads columns that rules change: public.sale.code (rules.yaml:3:",
		`objects: {leave_out: {"public.totals": "the reason"}}`,
		"materialized view public.others is left unpopulated: it reads public.totals",
	} {
		if o.code != exitDone || !strings.Contains(o.stderr+o.stdout, want) {
			t.Errorf("the note lacks %s\n%s", want, o)
		}
	}
}

// F8: PostgreSQL cannot validate a constraint of a domain inside an array. If a row breaks it, the extent is written
// again without the constraint, which comes back as NOT VALID. The note names the constraint.
func TestF8AContainedDomainsCheckBecomesNotValid(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "leave_src", "CREATE DOMAIN mail AS text CHECK (VALUE ~ '@'); CREATE TABLE person(id int, mails mail[]); INSERT INTO person VALUES (1, '{a@b.c}')"), newDatabaseURL(t, srv, "leave_dst")
	o := newSite(t, src, dst).rules(t, "revision: 1\ntables: {public.person: {columns: {id: {keep: x}, mails: {treat: token}}}}\n").refresh(t)
	for _, text := range []string{
		"CHECK constraint mail_check of DOMAIN public.mail is NOT VALID", "public.person.mails (rules.yaml:2:", `objects: {leave_out: {"public.mail.mail_check": "the reason"}}`,
	} {
		if o.code != exitDone || !strings.Contains(o.stdout, text) {
			t.Errorf("the note lacks %s\n%s", text, o)
		}
	}
	if got := ask(t, dst, "SELECT convalidated::text || cardinality(mails) FROM pg_constraint, person WHERE conname = 'mail_check'"); got != "false1" {
		t.Errorf("the target has %s", got)
	}
}

// Objects that are left out are named in the plan, the summary and the ledger, with the reasons.
func TestWhatIsLeftOutIsTold(t *testing.T) {
	t.Parallel()
	s := leavingSite(t, "leave-trigger", readText(t, "testdata/cases/leave-trigger/rules.yaml"))
	const label = "trigger public.account.to_queue (so the target does not enforce it)"
	run := s.refresh(t)
	if run.code != exitDone || !strings.Contains(run.stderr+run.stdout, label+": the queue is production's") {
		t.Errorf("the summary lacks the object: %s", run)
	}
	if left := s.lastMovement(t).LeftOut; len(left) != 2 || left[0].Object != label || left[0].Reason != "the queue is production's" {
		t.Errorf("ledger: %+v", left)
	}
	plan := s.masker(t, "plan")
	if !strings.Contains(plan.stdout, "trigger public.account.to_queue  left out; the target does not enforce it") {
		t.Errorf("%s", plan)
	}
	if n := ask(t, s.target, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"); n != "0" {
		t.Errorf("%s triggers in the target", n)
	}
}

// The target has every object that is not left out, and none of the objects that are left out.
func TestOnlyWhatIsNamedIsMissing(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"leave-index":   "",
		"leave-fk":      "constraint member_pkey,index member_pkey",
		"leave-check":   "constraint person_pkey,index person_pkey",
		"leave-matview": "constraint sale_pkey,index sale_pkey",
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			rules := readText(t, filepath.Join("testdata/cases", folder, "rules.yaml"))
			s := leavingSite(t, folder, rules)
			if o := s.refresh(t); o.code != exitDone {
				t.Fatalf("run: %s", o)
			}
			got := ask(t, s.target, `SELECT COALESCE(string_agg(name, ',' ORDER BY name), '') FROM (
				SELECT 'constraint ' || conname AS name FROM pg_constraint WHERE contype <> 'n' AND connamespace = 'public'::regnamespace
				UNION ALL SELECT 'index ' || relname FROM pg_class WHERE relkind IN ('i', 'I') AND relnamespace = 'public'::regnamespace
				UNION ALL SELECT 'view ' || relname FROM pg_class WHERE relkind = 'm') x`)
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// F8: a child row has no parent, and rules treat the columns of the foreign key. The treatment may have caused this, so
// the run fails, although the source has the same row.
func TestF8AnOrphanUnderATreatedKeyFails(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "orphan_src", `create table team(id int primary key);
		create table member(id int, team_id int constraint member_team references team);
		set session_replication_role = replica; insert into member values (1, 7)`), newDatabaseURL(t, srv, "orphan_dst")
	s := newSite(t, src, dst).rules(t, "revision: 1\ntables:\n  public.team: {columns: {id: {treat: token, range: [1, 1000000]}}}\n  public.member: {columns: {id: {keep: x}}}\n")
	o := s.refresh(t)
	for _, want := range []string{
		"foreign key public.member.member_team reads columns that rules change: public.member.team_id (rules.yaml:3:", "public.team.id (rules.yaml:3:",
		`objects: {leave_out: {"public.member.member_team": "the reason"}}`,
	} {
		if o.code != exitFailed || !strings.Contains(o.stderr, want) {
			t.Errorf("the error lacks %s\n%s", want, o)
		}
	}
	s.rules(t, readText(t, s.dir+"/rules.yaml")+`objects: {leave_out: {"public.member.member_team": "the orphans of production"}}`+"\n")
	if o := s.refresh(t); o.code != exitDone {
		t.Errorf("with the line: %s", o)
	}
}

// An object that only a superuser may make is refused before a row is read, with the line to write.
func TestWhatOnlyASuperuserMayMakeIsRefusedEarly(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "cast_src", ""), newDatabaseURL(t, srv, "cast_dst")
	script(t, src, "testdata/cases/cast/schema.sql")
	s := newSite(t, src, dst).rules(t, readText(t, "testdata/cases/cast/rules.yaml"))
	super := s.target
	s.target = as(t, dst, role(t, srv, "writer", "CREATEDB IN ROLE pg_signal_backend", dst))
	o := s.masker(t, "check")
	if want := `leave it out: objects: {leave_out: {"cast (character varying as jsonb)": "the reason", "cast (character varying as uuid)": "the reason"}}`; o.code != exitRefused || !strings.Contains(o.stderr, want) {
		t.Errorf("%s", o)
	}
	s.target = super
	if o := s.refresh(t); o.code != exitDone {
		t.Errorf("with a superuser: %s", o)
	}
}

// A table needs its access method, and rules cannot leave out a table. So the message does not offer to leave out the
// access method.
func TestAMethodOfATableIsNotOffered(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "method_src", `create access method heap2 type table handler heap_tableam_handler;
		create access method other type index handler bthandler; create table t(a int) using heap2`), newDatabaseURL(t, srv, "method_dst")
	s := newSite(t, src, as(t, dst, role(t, srv, "writer", "CREATEDB IN ROLE pg_signal_backend", dst))).rules(t, "revision: 1\ntables: {public.t: {columns: {a: {keep: x}}}}\n")
	s.masker(t, "check").want(t, exitRefused, `leave it out: objects: {leave_out: {"access method other": "the reason"}}; access method heap2 cannot be left out, because table public.t needs it: change that in the source`)
}

// F8: if production's own rows break an object, the ledger names the object too.
func TestF8WhatProductionBreaksIsInTheLedger(t *testing.T) {
	t.Parallel()
	s := leavingSite(t, "matview-broken", readText(t, "testdata/cases/matview-broken/rules.yaml"))
	if o := s.refresh(t); o.code != exitDone {
		t.Fatalf("run: %s", o)
	}
	records := s.ledger(t)
	last := records[len(records)-1].Outcome
	if last == nil || !strings.Contains(strings.Join(last.Notes, "\n"), "materialized view public.totals is left unpopulated") {
		t.Errorf("%+v", last)
	}
}
