package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// attackSuperuser is the attack of somebody who can change the schema in production. The attacker's functions run while
// masker makes the objects of the target. They write a file as the user of the target's server, which only superusers
// may do.
func attackSuperuser(t *testing.T, a attempt) result {
	srv := Server(t)
	// The programs of an attack make files that have the target's name and stay. So each masker gets another target.
	target := "attack_dst"
	if a.binary != masker(t) {
		target = "attack_earlier_dst"
	}
	var ran []string
	for name, use := range map[string]string{
		"check":     `ALTER TABLE people ADD CHECK (pure(id) = 'x')`,
		"generated": `ALTER TABLE people ADD g text GENERATED ALWAYS AS (pure(id)) STORED`,
		"index":     `CREATE INDEX ON people (pure(id))`,
		"view":      `CREATE MATERIALIZED VIEW v AS SELECT pure(id) FROM people`,
	} {
		source := database(t, srv, "attack_src", fmt.Sprintf(`%s CREATE TABLE people (id text PRIMARY KEY);
			INSERT INTO people SELECT generate_series(1, 10); %s; ANALYZE`, startsProgram, use))
		s := newSite(t, source, newDatabaseURL(t, srv, target))
		s.binary = a.binary
		s.rules(t, "revision: 1\ntables: {public.people: {columns: {id: {keep: number}}}}\n")
		s.refresh(t)
		if programsStarted(t, srv, s.target) != "0" {
			ran = append(ran, name)
		}
	}
	return result{len(ran) > 0, fmt.Sprintf("%d of 4 kinds of objects ran a program of the target's server", len(ran))}
}

// attackTexts puts the mail address of one person into texts of the schema, in several forms of quotes, and looks for
// the address in the target. It counts the addresses that arrive although the flow refuses open findings.
func attackTexts(t *testing.T, a attempt) result {
	kinds := map[string]string{
		"comment on a table":  `COMMENT ON TABLE people IS 'ask %s'`,
		"comment on a column": `COMMENT ON COLUMN people.id IS 'ask %s'`,
		"comment on a check":  `ALTER TABLE people ADD CONSTRAINT c CHECK (id > 0); COMMENT ON CONSTRAINT c ON people IS '%s'`,
		"comment on a type":   `CREATE TYPE ty AS (a int); COMMENT ON COLUMN ty.a IS '%s'`,
		"comment on a schema": `CREATE SCHEMA sc; COMMENT ON SCHEMA sc IS '%s'`,
		"comment of another":  `CREATE TEXT SEARCH DICTIONARY ts (TEMPLATE = simple); COMMENT ON TEXT SEARCH DICTIONARY ts IS '%s'`,
		"default":             `CREATE DOMAIN dm AS text DEFAULT '%s'`,
		"check":               `ALTER TABLE people ADD CHECK (note <> '%s')`,
		"joined literals":     "CREATE VIEW v AS SELECT '%.6s'\n'%[1]s'::text AS boss",
		"dollar quotes":       `CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN $g$%s$g$; END $f$`,
		"escapes":             `CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN E'\x63%s'; END $f$`,
		"view":                `CREATE VIEW v AS SELECT '%s'::text AS boss`,
		"enum label":          `CREATE TYPE who AS ENUM ('%s')`,
		"index":               `CREATE INDEX ON people (note) WHERE note <> '%s'`,
		"partition":           `CREATE TABLE parts (id int, mail text) PARTITION BY LIST (mail); CREATE TABLE part PARTITION OF parts FOR VALUES IN ('%s')`,
		"name of a table":     `CREATE VIEW "%s" AS SELECT 1 AS one`,
		"name of a column":    `CREATE VIEW v AS SELECT 1 AS "%s"`,
		"setting":             `CREATE FUNCTION o() RETURNS int LANGUAGE sql SET application_name = '%s' AS 'SELECT 1'`,
		"policy":              `CREATE POLICY p ON people USING (note = '%s')`,
		"rule":                `CREATE RULE r AS ON DELETE TO people WHERE note = '%s' DO INSTEAD NOTHING`,
		"trigger":             `CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE DELETE ON people FOR EACH ROW WHEN (OLD.note = '%s') EXECUTE FUNCTION tf()`,
		"argument of trigger": `CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION tf('%s')`,
		"statistics":          `CREATE STATISTICS st ON (note || '%s'), id FROM people`,
		"aggregate":           `CREATE AGGREGATE ag (text) (SFUNC = textcat, STYPE = text, INITCOND = '%s')`,
	}
	names := sortedKeys(kinds)
	if a.part {
		names = []string{"comment of another", "dollar quotes", "setting", "statistics"}
	}
	var arrived []string
	for _, name := range names {
		if a.textArrives(t, fmt.Sprintf(kinds[name], "canary@corp.test")) {
			arrived = append(arrived, name)
		}
	}
	return result{len(arrived) > 0, fmt.Sprintf("%d of %d kinds of texts arrived%s", len(arrived), len(names), inParentheses(arrived))}
}

// textArrives copies a schema that has a mail address in a text, in a flow that refuses open findings. It reports
// whether the address is in the target.
func (a attempt) textArrives(t *testing.T, text string) bool {
	t.Helper()
	srv := Server(t)
	s := newSite(t, database(t, srv, "attack_src", "CREATE TABLE people (id int PRIMARY KEY, note text); "+text), newDatabaseURL(t, srv, "attack_dst"))
	s.binary = a.binary
	s.flow["findings"] = "refuse"
	rules := "revision: 1\ntables:\n  public.people: {columns: {id: {keep: number}, note: {treat: redact}}}\n"
	if strings.Contains(text, "TABLE parts") {
		rules += "  public.parts: {columns: {id: {keep: number}, mail: {keep: list of the partition}}}\n"
	}
	s.rules(t, rules)
	switch o := s.refresh(t); o.code {
	case exitDone:
		return strings.Contains(Dump(t, databaseName(t, s.target), "--schema-only"), "anary@corp.test")
	case exitRefused:
		return false
	default:
		t.Fatalf("%s: %v", text, o)
		return false
	}
}

func inParentheses(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// attackScrub writes a person's name, mail address and numbers into free text in many forms, and looks for them in the
// target.
func attackScrub(t *testing.T, a attempt) result {
	probes := scrubProbes(t)
	var values strings.Builder
	for i, p := range probes {
		if i > 0 {
			values.WriteString(", ")
		}
		fmt.Fprintf(&values, "(%d, 'Jürgen', 'Müller-Lüdenscheidt', 'ada.lovelace@acme.example', %s)", i+1, quoteSQL(p.Text))
	}
	s := a.attacked(t, "CREATE TABLE people (id int PRIMARY KEY, given text, family text, mail text, note text); INSERT INTO people VALUES "+values.String()+"; ANALYZE", `
revision: 1
tables:
  public.people: {columns: {id: {keep: number}, given: {treat: fake.given_name}, family: {treat: fake.family_name}, mail: {treat: fake.email}, note: {treat: scrub, mentions: [given, family, mail]}}}
`)
	if s == nil {
		return refused()
	}
	kept := map[string]int{}
	lost := 0
	for i, note := range askAll(t, s.target, "SELECT note FROM people ORDER BY id") {
		if strings.Contains(note, probes[i].MustNotSurvive) {
			kept[probes[i].Kind]++
			lost++
		}
	}
	return result{lost > 0, fmt.Sprintf("%d of %d texts came through%s", lost, len(probes), inParentheses(sortedKeys(kept)))}
}

// scrubProbe is a text with personal data. MustNotSurvive is the part of the text that must not be in the result of
// scrub.
type scrubProbe struct {
	Kind           string `json:"kind"`
	Text           string `json:"text"`
	MustNotSurvive string `json:"must_not_survive"`
}

func scrubProbes(t *testing.T) (probes []scrubProbe) {
	t.Helper()
	for line := range strings.Lines(readText(t, "../pkg/transform/internal/scrub/testdata/probes.jsonl")) {
		var p scrubProbe
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		probes = append(probes, p)
	}
	return probes
}

func quoteSQL(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// attackApproval changes definitions of production after the rules were approved.
func attackApproval(t *testing.T, a attempt) result {
	srv := Server(t)
	rules := definedRules
	if a.binary != masker(t) { // an earlier masker keeps all comments, and knows no decision on them
		rules = strings.Replace(rules, "objects: {comments: {keep: the documentation}}\n", "", 1)
	}
	s := signedBy(t, a.binary, database(t, srv, "attack_src", definedSource), newDatabaseURL(t, srv, "attack_dst"), rules)
	changes := voiding()
	names := sortedKeys(changes)
	if a.part {
		names = names[:3]
	}
	var passed []string
	for _, name := range names {
		s.source = database(t, srv, "attack_src", definedSource)
		do(t, s.source, changes[name][0])
		if s.refresh(t).code == exitDone {
			passed = append(passed, name)
		}
	}
	return result{len(passed) > 0, fmt.Sprintf("%d of %d changes got past the approval%s", len(passed), len(names), inParentheses(passed))}
}

// attackScript replaces the script of a program after the rules were approved. The new script returns every value.
func attackScript(t *testing.T, a attempt) result {
	srv := Server(t)
	s := newSite(t, database(t, srv, "attack_src", small), newDatabaseURL(t, srv, "attack_dst"))
	s.binary = a.binary
	const answer = `while read -r line; do rest=${line#*:}; id=${rest%%,*}; v=${line#*\"values\":}; v=${v%\}}; printf '{"id":%s,"values":%s}\n' "$id" "$(echo "$v" | sed 's/"\([^"]*\)"/"FORM"/g')"; done`
	s.write(t, "treat.sh", strings.Replace(answer, "FORM", "gone", 1)+"\n", 0o700)
	if o := s.approvedRules(t, strings.Replace(smallRules, "{class: email, as: person}", `{treat: command, run: [sh, ./treat.sh], may_keep: true}`, 1)); o.code != exitDone {
		return refused()
	}
	s.write(t, "treat.sh", strings.Replace(answer, "FORM", `\1`, 1)+"\n", 0o700)
	code := s.masker(t, "run").code
	return result{code == exitDone, fmt.Sprintf("exit code %d", code)}
}

// attackPolicy changes the rules, and the number of approvals that they need.
func attackPolicy(t *testing.T, a attempt) result {
	srv := Server(t)
	s := signedBy(t, a.binary, database(t, srv, "attack_src", small), newDatabaseURL(t, srv, "attack_dst"), smallRules)
	s.masker(t, "run").want(t, exitDone)
	s.edit(t, "masker.yaml", "required: 1", "required: 0")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	code := s.masker(t, "run").code
	return result{code == exitDone, fmt.Sprintf("exit code %d", code)}
}
