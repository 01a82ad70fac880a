package integration

import (
	"strings"
	"testing"
)

// clinic makes a table with a column of four values of very different frequency, and with dates in the order of the
// ids. The table has no autovacuum, which would change the statistics between two plans.
const clinic = `
CREATE TABLE patients (id int PRIMARY KEY, diagnosis text NOT NULL, born date NOT NULL, admitted timestamptz NOT NULL, left_at timestamptz NOT NULL,
	CHECK (born >= '1900-01-01')) WITH (autovacuum_enabled = off);
INSERT INTO patients SELECT i, 'CANARY-' || (array['common', 'less common', 'seldom', 'rare'])[1 + least(3, floor(log(2.0, 1 + i % 16))::int)],
	'1900-01-01'::date + i % 20000, '2020-01-01 08:00:00.123456+00'::timestamptz + i * interval '97 minutes', '2020-01-02 09:30+00'::timestamptz + i * interval '98 minutes'
	FROM generate_series(1, 4000) i;`

const clinicRules = `revision: 1
packs: [baseline]
tables:
  public.patients:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      diagnosis: {treat: token}
      born: {class: birth_date}
      admitted: {class: date_of_event}
      left_at: {class: date_of_event}
`

// The plan finds values that an attacker can recover, with the help of PostgreSQL's own statistics. The test shows that
// the attacks that these findings describe work on the target.
func TestP3P5StatisticsFindWhatAnAttackerUses(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "clinic"), newDatabaseURL(t, srv, "clinic_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, clinic)
	s := newSite(t, src, dst).rules(t, clinicRules)
	s.canaries = []string{"CANARY-"}
	s.masker(t, "plan").want(t, exitDone, "the planner has no statistics of 1 table", "public.patients")
	do(t, src, "ANALYZE patients")
	s.masker(t, "plan").want(t, exitDone,
		"few-values: public.patients.diagnosis becomes token by its value and has about 4 different values in 4,000 rows",
		"shift-recoverable: public.patients.admitted moves by shift, and public.patients.id stays and grows with it")
	s.mustRefresh(t)

	// The frequencies in source and target are the same, so everybody can match the four tokens with the four
	// diagnoses.
	ranked := `SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT count(*) n FROM patients GROUP BY diagnosis) c`
	if was, is := ask(t, src, ranked), ask(t, dst, ranked); was != is {
		t.Errorf("the finding is about an attack that does not work: %s became %s", was, is)
	}
	do(t, dst, "CREATE TABLE was (id int, born date, admitted timestamptz, left_at timestamptz)")
	copyInto(t, src, dst, "SELECT id, born, admitted, left_at FROM patients", "was")
	for query, want := range map[string]string{
		"SELECT count(*) FROM was JOIN patients p USING (id) WHERE was.admitted::time = p.admitted::time":                          "0",
		"SELECT count(*) FROM was JOIN patients p USING (id) WHERE was.left_at - was.admitted <> p.left_at - p.admitted":           "0",
		"SELECT count(*) FROM was JOIN patients p USING (id) WHERE was.admitted = p.admitted":                                      "0",
		"SELECT count(*) FROM patients WHERE born < '1900-01-01'":                                                                  "0",
		"SELECT count(*) < 40 FROM was JOIN patients p USING (id) WHERE p.born - was.born = p.admitted::date - was.admitted::date": "t",
	} {
		if got := ask(t, dst, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// copyInto runs a query on one database, and copies the rows into a table of another database. The arguments from and
// to are the URLs of the two databases.
func copyInto(t *testing.T, from, to, query, table string) {
	t.Helper()
	rows := ask(t, from, "SELECT string_agg(r::text, ',') FROM (SELECT '(' || quote_literal(id) || ',' || quote_literal(born) || ',' || quote_literal(admitted) || ',' || quote_literal(left_at) || ')' r FROM ("+query+") q) s")
	do(t, to, "INSERT INTO "+table+" VALUES "+rows)
}

// PostgreSQL's statistics change every night, but such a change does not stop a nightly run. The run uses the approved
// plan, and a note says that the statistics have changed.
func TestP3StatisticsThatMoveStopNoNight(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "moving"), newDatabaseURL(t, srv, "moving_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, clinic+"ANALYZE patients")
	s := signedWith(t, src, dst, clinicRules)
	s.mustRefresh(t)
	do(t, src, "UPDATE patients SET diagnosis = 'CANARY-' || id; ANALYZE patients")
	o := s.mustRefresh(t)
	if !strings.Contains(o.stderr, "the planner's statistics have moved since the plan was decided") {
		t.Errorf("the run says nothing:\n%s", o.stderr)
	}
	s.masker(t, "check").want(t, exitDone)
}
