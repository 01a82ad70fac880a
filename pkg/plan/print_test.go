package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func shop(t *testing.T) *Plan {
	t.Helper()
	db := schema(t,
		`public.customers: id int! pk seq, email text unique, first_name text, "Card~No" text, born date check, notes text, profile jsonb, total int gen`,
		"public.orders: id int! pk seq, customer_id int -> public.customers.id, note text",
		"public.audit: at date",
	)
	db.LargeObjects.Any = true
	return mustBuild(t, db, `tables:
  public.customers:
    subject: id
    columns:
      id: {treat: token, range: [1, 1000000]}
      email: {class: email, as: person}
      first_name: {class: given_name, as: person}
      '"Card No"': {treat: mask, keep_last: 4}
      born: {class: birth_date}
      notes: {class: free_text}
      profile: {json: {"$.email": {class: email}, "$.theme": {keep: "preference"}}}
  public.orders: {keep: "no personal data", only: [id, note]}
  public.audit: {skip: "operational log"}
objects:
  large_objects: drop
  foreign_tables: empty
  event_triggers: {keep: "they only audit"}
hooks:
  before_publish: [sql/accounts.sql]
`)
}

func TestPrintForPeople(t *testing.T) {
	var out bytes.Buffer
	if err := shop(t).Print(&out, time.Time{}); err != nil {
		t.Fatal(err)
	}
	// The digest names the library's version; other tests watch it.
	golden(t, "shop.txt", regexp.MustCompile(`digest [0-9a-f]{64}`).ReplaceAll(out.Bytes(), []byte("digest …")))
}

func TestPrintLetsNobodyFakeALine(t *testing.T) {
	p := mustBuild(t, schema(t, "public.t: a text"), "tables: {public.t: {skip: \"logs\\n\\e[2Kpublic.u: rows stay behind\\u202e\"}}\n")
	var out bytes.Buffer
	if err := p.Print(&out, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if want := `public.t: rows stay behind (logs\n\x1b[2Kpublic.u: rows stay behind\u202e)  r.yaml:3`; !bytes.Contains(out.Bytes(), []byte("\n"+want+"\n")) {
		t.Errorf("%q", out.String())
	}
}

func TestPlanAsJSON(t *testing.T) {
	p := shop(t)
	p.Fingerprint = "…"
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "shop.json", append(data, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update and read the diff); got\n%s", path, got)
	}
}
