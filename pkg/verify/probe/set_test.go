package probe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// judged collects the mail addresses of many customers, looks for them in the database db, and returns the judgement.
func judged(t *testing.T, db string, binary bool) *verify.Report {
	t.Helper()
	c := verify.New(verify.Options{Level: verify.Strict})
	customers := catalog.Name{Schema: "crm", Name: "customers"}
	w := c.Collector(customers)
	leaf := w.Leaf(verify.Source{
		Place: verify.Place{Table: customers, Column: "email"}, Class: "email", Treatment: "fake_email", Label: "synthetic", Type: catalog.Type{Family: catalog.Text, Base: "text"},
	})
	w.Begin(0)
	for i := range 4000 { // less than 4240: anna.schmidt42%40corp.de has the same form as anna.schmidt4240@corp.de
		leaf.See(fmt.Appendf(nil, "anna.schmidt%d@corp.de", i), fmt.Appendf(nil, "u%x@example.com", i*7919))
		w.Row(nil)
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	d, err := postgres.Open(t.Context(), urlOf(db), postgres.Options{MaxRow: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := probe.Run(t.Context(), d, probe.In(set), probe.Options{Values: true, Workers: 2, Tables: tables(t, db, binary)}); err != nil {
		t.Fatal(err)
	}
	r := set.Judge(verify.Facts{})
	r.Hits = slices.DeleteFunc(r.Hits, func(h verify.Hit) bool { return h.Finding == verify.Missing || h.Finding == verify.Blind }) // the table itself is not there
	return r
}

// written has an address in other forms.
const written = `CREATE TABLE written (id int PRIMARY KEY, spelled text, b64 text, hex text, percent text, md5 text, sha1 bytea, sha256 text, raw bytea, reversed text, entity xml, js json);
	INSERT INTO written SELECT 1, 'mail to Anna . SCHMIDT42 @corp.de please', encode(v::bytea, 'base64'), encode(v::bytea, 'hex'), replace(v, '@', '%40'), md5(v), NULL,
		encode(sha256(v::bytea), 'hex'), sha256(v::bytea), reverse(v), ('<a>' || replace(v, '@', '&#64;') || '</a>')::xml, ('{"old": {"mail": "anna.schmidt42\u0040corp.de"}}')::json
	FROM (SELECT 'anna.schmidt42@corp.de'::text AS v) x;`

func TestV2V3TheCollectionIsFoundWhereverItStands(t *testing.T) {
	const before = `CREATE DOMAIN plain AS text; CREATE TYPE textrange AS RANGE (SUBTYPE = text, COLLATION = "C"); `
	create(t, "leaks", "", before+replace(places, "anna.schmidt42@corp.de")+written)
	create(t, "clean", "", before+replace(places, "u42@example.com")+written+`UPDATE written SET spelled = '', b64 = '', hex = '', percent = '', md5 = md5('x'), sha256 = '', raw = '', reversed = '', entity = '', js = '{}'`)
	for _, binary := range []bool{true, false} {
		got := map[string]verify.Hit{}
		for _, h := range judged(t, "leaks", binary).Hits {
			if h.Source.Table.Name != "customers" || h.Source.Column != "email" || h.Values != 1 {
				t.Errorf("got %+v", h)
			}
			got[strings.TrimSpace(h.Target.Table.Name+"."+h.Target.Column+" "+h.Target.Path)+": "+string(h.Form)] = h
		}
		for at, rows := range map[string]int64{
			"kept.note: as it is": 3, "kept.up: as it is": 3, "copies.a: as it is": 1, "copies.b: as it is": 1, "copies.c: as it is": 1, "copies.d: as it is": 1,
			"copies.e: as it is": 1, "copies.x: as it is": 1, "documents.j $.old.email: as it is": 1, "documents.j $.list[*].k: as it is": 1, "documents.jb: as it is": 1,
			"documents.jb $.deep[*]: as it is": 1, "documents.h k: as it is": 1, "documents.h: as it is": 1, "documents.t: as it is": 1, "documents.m street: as it is": 1,
			"documents.m tags: as it is": 1, "documents.ma zip: as it is": 1, "documents.tv: as it is": 1, "files.b: as it is": 1, "files.ba: as it is": 1,
			"hashed.md5: md5 as hex": 1, "hashed.raw: md5 as bytes": 1, "parts.v: as it is": 1, "child.v: as it is": 1, "child.w: as it is": 1, "loose.r: as it is": 1,
			"loose.big: as it is": 1, "mv.n: as it is": 3, "pg_largeobject.data: as it is": 1, "v. definition of rule _RETURN on view public.v: as it is": 1,
			"kept. comment on column note of table public.kept: as it is": 1, "mood. label of type public.mood: as it is": 1,
			"kept. definition of default value for column more of table public.kept: as it is": 1,
			"written.spelled: as it is": 1, "written.b64: base64": 1, "written.percent: as it is": 1, "written.hex: hex": 1, "written.md5: md5 as hex": 1, "written.sha256: sha256 as hex": 1,
			"written.raw: sha256 as bytes": 1, "written.reversed: reversed": 1, "written.entity: as it is": 1, "written.js $.old.mail: as it is": 1,
		} {
			if got[at].Rows != rows {
				t.Errorf("binary %v: %s: %d rows, want %d", binary, at, got[at].Rows, rows)
			}
			delete(got, at)
		}
		for at := range got {
			t.Errorf("binary %v: found in %s", binary, at)
		}
		if hits := judged(t, "clean", binary).Hits; len(hits) > 0 {
			t.Errorf("binary %v: the database without leaks has %+v", binary, hits)
		}
	}
}
