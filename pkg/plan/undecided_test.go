package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// paste applies the snippet of a failed build and builds again.
func paste(t *testing.T, db *catalog.Database, text string) (*Undecided, string, *Plan) {
	t.Helper()
	text = rulesHead + text
	_, err := Build(rules(t, text), db, "staging")
	var u *Undecided
	if !errors.As(err, &u) {
		t.Fatalf("nothing undecided: %v", err)
	}
	pasted := string(u.Apply("r.yaml", []byte(text)))
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(pasted)}}, nil)
	if err != nil {
		t.Fatalf("the pasted file cannot be read:\n%s\n%v", pasted, err)
	}
	p, err := Build(set, db, "staging")
	if err != nil {
		t.Fatalf("the pasted file does not pass:\n%s\n%v", pasted, err)
	}
	return u, pasted, p
}

func TestSnippetMakesItPass(t *testing.T) {
	wide := []string{
		`public.people: id int! pk seq, first_name text, mail citext unique, "Mixed~Case" text!, active bool!, mood enum!, born date, doc jsonb!, words tsvector!, total int gen`,
		"public.orders: id uuid! pk, person int! -> public.people.id, amount numeric check, state text! check, ip inet",
		`public."Order Items": order_id uuid! -> public.orders.id, no int!`,
	}
	for name, c := range map[string]struct {
		schema []string
		rules  string
		want   string // a part of the snippet
	}{
		"no tables yet":      {wide, "", "tables:\n  "},
		"block tables":       {wide, "tables:\n  public.people:\n    columns:\n      id: {keep: x}\n", "# r.yaml, below line 5 (public.people, columns):\n      first_name: {class: given_name}"},
		"empty tables":       {wide, "tables: {}\n", "line 3 becomes"},
		"block, no columns":  {wide, "tables:\n  public.people:\n    subject: id\n", "    columns:\n      id: "},
		"draft of comments":  {wide, "tables:\n  public.people:\n    columns:\n      # id: {keep: x}\n  public.orders:\n    columns:\n      id: {keep: x}\n", "below line 5"},
		"flow table":         {wide, "tables:\n  public.people: {columns: {id: {keep: x}}}\n", "line 4 becomes (public.people, columns):\n  public.people: {columns: {first_name: {class: given_name}, "},
		"flow tables":        {wide, "tables: {public.people: {columns: {id: {keep: x}}}, public.orders: {subject: id}}\n", "line 3 becomes"},
		"added to keep only": {[]string{"public.countries: code text! pk, name text, added text"}, "tables:\n  public.countries: {keep: \"reference data\", only: [code, name]}\n", `  public.countries: {columns: {added: {treat: redact}}, keep: "reference data", only: [code, name]}`},
		"deep indent":        {wide, "tables:\n      public.people:\n            columns:\n                  id: {keep: x}\n", "                  first_name:"},
		"parent stays":       {[]string{"public.log: id int! pk", "public.note: id int! pk, log int -> public.log.id"}, "tables:\n  public.log: {skip: \"not needed\"}\n", "log: {treat: 'null'}"},
		"objects beside":     {wide, "objects:\n  large_objects: drop\ntables:\n  public.people:\n    columns:\n      id: {keep: x}\n", "first_name"},
	} {
		t.Run(name, func(t *testing.T) {
			u, _, _ := paste(t, schema(t, c.schema...), c.rules)
			if !strings.Contains(u.Snippet(), c.want) {
				t.Errorf("the snippet lacks %q:\n%s", c.want, u.Snippet())
			}
		})
	}
}

// TestSnippetLeavesRoomForChecksAndPartitions checks that no fixed value is proposed for a column that a CHECK or a
// partition bound limits. A document gets a treatment that leaves its keys. A personal column gets one that chooses
// from the values that the CHECK lists.
func TestSnippetLeavesRoomForChecksAndPartitions(t *testing.T) {
	db := schema(t, "public.pay: rate numeric! check, salary numeric! check, note text check, kind text! part, doc jsonb! check, more jsonb check, religion text!")
	db.Tables[0].Checks = append(db.Tables[0].Checks, catalog.Check{Name: "listed", Columns: []string{"religion"}, Expr: `(religion = ANY (ARRAY['a'::text, 'b'::text]))`})
	u, _, _ := paste(t, db, "")
	for column, want := range map[string]string{"rate": "keep", "salary": `keep: "REVIEW: personal; `, "note": "'null'", "kind": "keep", "doc": `json: {'$..*': {treat: redact}}`, "more": `json: {'$..*': {treat: redact}}`, "religion": "fake.choice"} {
		if !strings.Contains(u.Snippet(), column+": {"+want) && !strings.Contains(u.Snippet(), column+": {treat: "+want) {
			t.Errorf("%s should become %s:\n%s", column, want, u.Snippet())
		}
	}
}

func TestEverythingUndecidedIsListed(t *testing.T) {
	db := schema(t, "public.t: a text, b int! pk")
	db.LargeObjects.Any = true
	db.ForeignServers = []catalog.ForeignServer{{Name: "Far"}}
	db.Extensions = []catalog.Extension{{Name: "pg_cron"}}
	db.EventTriggers = []string{"audit"}
	u, pasted, p := paste(t, db, "")
	want := "2 columns and 4 kinds of objects have no decision; nothing was read\n" +
		"  public.t.a (text)\n  public.t.b (integer)\n" +
		"  objects.large_objects: large objects\n  objects.foreign_servers: \"Far\"\n  objects.event_triggers: audit\n  objects.job_schedulers: pg_cron"
	if u.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", u.Error(), want)
	}
	for _, o := range p.Objects {
		if o.Decision != "drop" {
			t.Errorf("%s is %s, not drop", o.Kind, o.Decision)
		}
	}
	if !strings.Contains(pasted, "REVIEW") {
		t.Error("nothing is marked for review")
	}
}

func TestTablesByObjectsDecision(t *testing.T) {
	db := schema(t, "public.cache: v text", "public.cfg: v text", "public.own: v text")
	db.Tables[0].Unlogged = true
	db.Tables[1].ExtConfig, db.Tables[1].ExtMember = "ext", "ext"
	db.Tables[2].ExtMember = "ext"
	p := mustBuild(t, db, "objects: {unlogged_tables: drop, extension_tables: drop}\n")
	for _, tab := range p.Tables {
		if !tab.Skip {
			t.Errorf("%s is read", tab.Name)
		}
	}
	_, err := build(t, db, "objects: {unlogged_tables: {keep: x}, extension_tables: drop}\n")
	var u *Undecided
	if !errors.As(err, &u) || len(u.Columns) != 1 || u.Columns[0].Table.Name != "cache" {
		t.Errorf("the columns of a kept unlogged table need no decision: %v", err)
	}
	if _, err = build(t, db, ""); !errors.As(err, &u) || len(u.Objects) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestDigestCoversDecisionsOnly(t *testing.T) {
	const text = "tables: {public.t: {columns: {a: {treat: mask, keep_last: 4}, b: {keep: x}}}}\n"
	base := func() *catalog.Database { return schema(t, "public.t: a text, b int") }
	digest := func(db *catalog.Database, text string) string { return mustBuild(t, db, text).Digest() }
	want := digest(base(), text)

	same := base()
	same.Tables[0].Size.Rows = 5
	same.Tables[0].Checks = []catalog.Check{{Name: "c", Columns: []string{"a"}, Expr: "true"}}
	if digest(same, text) != want {
		t.Error("the digest covers sizes or findings")
	}
	if digest(base(), "\n\n"+text) != want {
		t.Error("the digest covers positions: only the digest of the rule files should")
	}
	part := base()
	part.Tables[0].Partitioned = true
	before := digest(part, text)
	root := part.Tables[0].Name
	part.Tables = append(part.Tables, &catalog.Table{
		Name: catalog.Name{Schema: "public", Name: "t_1"}, PartitionOf: &root, Root: &root, Columns: part.Tables[0].Columns,
	})
	if digest(part, text) != before {
		t.Error("a partition added changes the digest")
	}
	for name, other := range map[string]string{
		"reason":    digest(base(), strings.Replace(text, "keep: x", "keep: y", 1)),
		"parameter": digest(base(), strings.Replace(text, "keep_last: 4", "keep_last: 3", 1)),
		"treatment": digest(base(), strings.Replace(text, "{keep: x}", "{treat: redact}", 1)),
		"column":    digest(schema(t, "public.t: a text, b int, c int gen"), text),
		"type":      digest(schema(t, "public.t: a text, b bigint"), text),
		"subject":   digest(base(), strings.Replace(text, "columns:", "subject: b, columns:", 1)),
		"hook":      digest(base(), text+"hooks: {before_publish: [x.sql]}\n"),
		"object":    digest(base(), text+"objects: {large_objects: drop}\n"),
		"revision":  mustBuildText(t, base(), strings.Replace(rulesHead, "revision: 1", "revision: 2", 1)+text).Digest(),
	} {
		if other == want {
			t.Errorf("the digest misses a changed %s", name)
		}
	}
}

func mustBuildText(t *testing.T, db *catalog.Database, text string) *Plan {
	t.Helper()
	p, err := Build(rules(t, text), db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
