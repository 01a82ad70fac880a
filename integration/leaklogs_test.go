package integration

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/verify/show"
)

// logs has five databases in one: a telephone company, a bank, a mail server, an audit log and a personnel office. Each
// has people with identifiers, and a table that repeats these identifiers many times. The log tables have no subject. A
// few values belong to nobody: the number of a help desk, the accounts of gas works, a mailbox for questions, a program
// that works at night, the switchboards of offices. Kept texts quote these values. Verification estimates from random
// levels how many rows without a subject have a value. These values occur so often that every estimate makes them
// common. ":n" stands for the number of people.
const logs = inventors + `
SELECT setseed(0.5);
CREATE SCHEMA tel;
CREATE FUNCTION tel.own(i int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT '+33 6' || digits('logs msisdn', i, 8) $$;
CREATE TABLE tel.subscriber (id int PRIMARY KEY, msisdn text, full_name text, email text);
CREATE TABLE tel.call (id bigint PRIMARY KEY, caller text, callee text, seconds int);
CREATE TABLE tel.notice (id int PRIMARY KEY, text text);
INSERT INTO tel.subscriber SELECT i, tel.own(i), initcap(pseudo('logs given', i, 6)) || ' ' || initcap(pseudo('logs family', i, 9)), pseudo('logs mail', i, 9) || i || '@post.example' FROM generate_series(1, :n) i;
INSERT INTO tel.call SELECT i, tel.own(a), CASE WHEN r < 0.1 THEN '+33 800 555 0199' WHEN r < 0.4 THEN '+49 17' || digits('logs abroad', c, 9) ELSE tel.own(b) END, c % 900
	FROM (SELECT i, random() r, (1 + (:n - 1) * power(random(), 2))::int a, (1 + (:n - 1) * power(random(), 3))::int b, (:n * random())::int c FROM generate_series(1, 10 * :n) i OFFSET 0) x;
INSERT INTO tel.notice SELECT i, 'Questions on tariff ' || i || '? Call +33 800 555 0199.' FROM generate_series(1, 5) i;
CREATE SCHEMA pay;
CREATE FUNCTION pay.iban(what text, i int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT 'DE' || digits(what || 'check', i, 2) || digits(what, i, 9) || digits(what || 'end', i, 9) $$;
CREATE TABLE pay.holder (id int PRIMARY KEY, email text);
CREATE TABLE pay.account (id int PRIMARY KEY, holder_id int REFERENCES pay.holder, iban text);
CREATE TABLE pay.transfer (id bigint PRIMARY KEY, from_iban text, to_iban text, amount numeric(10, 2));
CREATE TABLE pay.hint (id int PRIMARY KEY, text text);
INSERT INTO pay.holder SELECT i, pseudo('logs holder', i, 9) || i || '@bank.example' FROM generate_series(1, :n) i;
INSERT INTO pay.account SELECT i, i, pay.iban('own', i) FROM generate_series(1, :n) i;
INSERT INTO pay.transfer SELECT i, pay.iban('own', a), CASE WHEN r < 0.2 THEN pay.iban('gas', c % 2) WHEN r < 0.6 THEN pay.iban('other', c) ELSE pay.iban('own', b) END, c % 900
	FROM (SELECT i, random() r, (1 + (:n - 1) * random())::int a, (1 + (:n - 1) * power(random(), 2))::int b, (2 * :n * random())::int c FROM generate_series(1, 5 * :n) i OFFSET 0) x;
INSERT INTO pay.hint SELECT i, 'Pay the gas bill to ' || pay.iban('gas', i % 2) || ' within a week.' FROM generate_series(1, 5) i;
CREATE SCHEMA post;
CREATE FUNCTION post.mail(i int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pseudo('logs post', i, 9) || i || '@club.example' $$;
CREATE TABLE post.member (id int PRIMARY KEY, email text);
CREATE TABLE post.log (id bigint PRIMARY KEY, sender text, recipient text, bytes int);
CREATE TABLE post.template (id int PRIMARY KEY, body text);
INSERT INTO post.member SELECT i, post.mail(i) FROM generate_series(1, :n) i;
INSERT INTO post.log SELECT i, CASE WHEN r < 0.6 THEN 'noreply@us.example' ELSE post.mail(a) END, CASE WHEN r > 0.8 THEN 'questions@us.example' ELSE post.mail(b) END, a
	FROM (SELECT i, random() r, (1 + (:n - 1) * random())::int a, (1 + (:n - 1) * power(random(), 2))::int b FROM generate_series(1, 8 * :n) i OFFSET 0) x;
INSERT INTO post.template SELECT i, 'Dear member, this is mail ' || i || ' from noreply@us.example. Write to questions@us.example instead.' FROM generate_series(1, 5) i;
CREATE SCHEMA audit;
CREATE FUNCTION audit.login(i int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pseudo('logs login', i, 6) || digits('logs login', i, 4) $$;
CREATE TABLE audit.account (id int PRIMARY KEY, login text, email text);
CREATE TABLE audit.entry (id bigint PRIMARY KEY, actor text, detail jsonb);
CREATE TABLE audit.job (id int PRIMARY KEY, about text);
INSERT INTO audit.account SELECT i, audit.login(i), pseudo('logs account', i, 9) || i || '@app.example' FROM generate_series(1, :n) i;
INSERT INTO audit.entry SELECT i, CASE WHEN r < 0.2 THEN 'nightbatch2001' WHEN r < 0.4 THEN 'officer' || 7000 + u % 40 ELSE audit.login(u) END, jsonb_build_object('mail', pseudo('logs account', u, 9) || u || '@app.example', 'step', i % 9)
	FROM (SELECT i, random() r, (1 + (:n - 1) * power(random(), 2))::int u FROM generate_series(1, 5 * :n) i OFFSET 0) x;
INSERT INTO audit.job SELECT i, 'Step ' || i || ' runs as nightbatch2001 after midnight.' FROM generate_series(1, 5) i;
CREATE SCHEMA staff;
CREATE FUNCTION staff.board(i int) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT '+49 30 ' || digits('logs board', i % 10, 6) || ' 00' $$;
CREATE TABLE staff.employee (id int PRIMARY KEY, mail text, mobile text, desk text, manager int);
CREATE TABLE staff.ticket (id bigint PRIMARY KEY, employee_id int REFERENCES staff.employee, manager_mail text, callback text, days int);
CREATE TABLE staff.site (id int PRIMARY KEY, about text);
INSERT INTO staff.employee SELECT i, pseudo('logs staff', i, 9) || i || '@corp.example', '+44 77' || digits('logs mobile', i, 8), CASE WHEN i % 3 = 0 THEN staff.board(i) ELSE '+49 30 ' || digits('logs desk', i, 8) END, 1 + i % (:n / 10) FROM generate_series(1, :n) i;
INSERT INTO staff.ticket SELECT i, e.id, m.mail, e.desk, i % 30 FROM (SELECT i, (1 + (:n - 1) * random())::int e FROM generate_series(1, 3 * :n) i) x JOIN staff.employee e ON e.id = x.e JOIN staff.employee m ON m.id = e.manager;
INSERT INTO staff.site SELECT i, 'The switchboard of office ' || i || ' has the number ' || staff.board(i) || '.' FROM generate_series(1, 5) i;
`

const logsRules = `revision: 1
packs: [baseline]
tables:
  tel.subscriber: {subject: id, columns: {id: {keep: surrogate key}, msisdn: {class: phone}, full_name: {class: full_name}, email: {class: email}}}
  tel.call: {keep: traffic, only: [id, seconds], columns: {caller: {class: phone}, callee: {class: phone}}}
  tel.notice: {keep: notices, only: [id, text]}
  pay.holder: {subject: id, columns: {id: {keep: surrogate key}, email: {class: email}}}
  pay.account: {subject: holder_id, columns: {id: {keep: surrogate key}, holder_id: {keep: surrogate key}, iban: {class: iban}}}
  pay.transfer: {keep: amounts, only: [id, amount], columns: {from_iban: {class: iban}, to_iban: {class: iban}}}
  pay.hint: {keep: hints, only: [id, text]}
  post.member: {subject: id, columns: {id: {keep: surrogate key}, email: {class: email}}}
  post.log: {keep: sizes, only: [id, bytes], columns: {sender: {class: email}, recipient: {class: email}}}
  post.template: {keep: templates, only: [id, body]}
  audit.account: {subject: id, columns: {id: {keep: surrogate key}, login: {class: user_name}, email: {class: email}}}
  audit.entry: {keep: entries, only: [id], columns: {actor: {class: user_name}, detail: {json: {$.mail: {class: email}, $.step: {keep: a number}}}}}
  audit.job: {keep: jobs, only: [id, about]}
  staff.employee: {subject: id, columns: {id: {keep: surrogate key}, mail: {class: email}, mobile: {class: phone}, desk: {class: phone}, manager: {keep: surrogate key}}}
  staff.ticket: {subject: employee_id, columns: {id: {keep: surrogate key}, employee_id: {keep: surrogate key}, manager_mail: {class: email}, callback: {class: phone}, days: {keep: a number}}}
  staff.site: {keep: offices, only: [id, about]}
`

// logsOf returns the SQL of logs. The environment variable PEOPLE is the number of people, 2,000 without it.
func logsOf(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(logs, ":n", cmp.Or(os.Getenv("PEOPLE"), "2000"))
}

// logsLeaks are columns of logs from which a random leak may come.
func logsLeaks() []identifier {
	return []identifier{
		{"tel.subscriber", "msisdn", true, true},
		{"tel.call", "caller", true, true},
		{"tel.call", "callee", true, true},
		{"tel.subscriber", "email", true, false},
		{"pay.account", "iban", false, false},
		{"pay.transfer", "to_iban", false, false},
		{"post.member", "email", true, false},
		{"post.log", "recipient", true, false},
		{"post.log", "sender", true, false},
		{"audit.account", "login", false, false},
		{"audit.entry", "actor", false, false},
		{"staff.employee", "mobile", true, true},
		{"staff.employee", "mail", true, false},
		{"staff.ticket", "manager_mail", true, false},
	}
}

// logsLeak returns a leak of one schema of logs: many values of a random column, in a random encoding and place. The
// values are those of people, and not those that belong to nobody.
func logsLeak(r *rand.Rand, schema string) leak {
	from := pick(r, slices.DeleteFunc(logsLeaks(), func(i identifier) bool { return !strings.HasPrefix(i.table, schema+".") }))
	as := pick(r, slices.DeleteFunc(encodings(), func(e encoding) bool { return e.only != nil && !e.only(from) }))
	in := pick(r, slices.DeleteFunc(leakPlaces(), func(p place) bool { return p.value == "" }))
	encoded := strings.ReplaceAll(as.sql, "?", "x."+from.column)
	people := map[string]string{
		"tel": "SELECT msisdn FROM tel.subscriber UNION ALL SELECT email FROM tel.subscriber", "pay": "SELECT iban FROM pay.account", "post": "SELECT email FROM post.member",
		"audit": "SELECT login FROM audit.account", "staff": "SELECT mail FROM staff.employee UNION ALL SELECT mobile FROM staff.employee",
	}[schema]
	return leak{
		kind: fmt.Sprintf("%s of %s %s in %s", from.column, from.table, as.name, in.name),
		sql: fmt.Sprintf("CREATE DOMAIN ~.label AS text; CREATE TYPE ~.pair AS (a text, b text); CREATE TABLE ~.kept (id int PRIMARY KEY, %s);\nINSERT INTO ~.kept SELECT row_number() OVER (), %s FROM (SELECT DISTINCT %s FROM %s WHERE %[3]s IN (%[5]s) LIMIT 400) x;",
			in.columns, strings.ReplaceAll(in.value, "?", encoded), from.column, from.table, people),
		rules: "  ~.kept: {keep: nobody suspected it, only: [id, v]}\n",
		hits:  hits{{in.target, from.table + "." + from.column}: {"found " + as.found}},
	}
}

// V2, V7: the verification looks for values of people, however often logs repeat them. The values that belong to nobody
// raise no alarm, although kept texts quote them. The verification finds a leak in each schema. The environment
// variable PEOPLE is the number of people, and LEAK_SEED repeats the leaks of an earlier run.
func TestV7ValuesThatLogsRepeatAreLookedFor(t *testing.T) {
	t.Parallel()
	srv, seed := Server(t), leakSeed(t)
	s := newSite(t, database(t, srv, "logs", logsOf(t)), newDatabaseURL(t, srv, "logs_staging"))
	do(t, s.source, "VACUUM ANALYZE")
	s.flow["verify"] = "strict"
	s.rules(t, logsRules)
	r := s.verified(t, exitDone)
	falseAlarms(t, reported(r), nil)
	(&sound{}).wellCovered(t, r)

	rules, expected := logsRules, hits{}
	var list []leak
	for i, schema := range []string{"tel", "pay", "post", "audit", "staff"} {
		l := logsLeak(rand.New(rand.NewPCG(seed, uint64(i))), schema)
		l.in(schema)
		do(t, s.source, l.sql)
		rules += l.rules
		list = append(list, l)
	}
	s.rules(t, rules)
	r = s.verified(t, exitUnverified)
	for _, line := range show.Lines(r, r.Hits) {
		t.Logf("%s\n\tnext: %s", line.Text, line.Next)
	}
	got := reported(r)
	for _, l := range list {
		for at, forms := range l.hits {
			if !slices.ContainsFunc(got[at], func(found string) bool { return strings.HasPrefix(found, forms[0]+": ") }) {
				t.Errorf("missed: %s: %s, values of %s; found there: %q", l.kind, at[0], at[1], got[at])
			}
			for found := range got {
				if found[0] == at[0] {
					expected[found] = nil // the values of other columns, too
				}
			}
		}
	}
	falseAlarms(t, got, expected)
}
