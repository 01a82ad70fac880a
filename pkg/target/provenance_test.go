package target_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

func step(n int, run, inclusion string) provenance.Step {
	return provenance.Step{Step: n, Run: run, Inclusion: inclusion, At: time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)}
}

// carry refreshes a target and writes its provenance.
func carry(t *testing.T, p *target.Postgres, db string, sp sides.Shadow, steps ...provenance.Step) *target.Shadow {
	t.Helper()
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, db, sp.Source)
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Provenance(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// A6: a role with few privileges refreshes a target twice. Anybody may read the provenance, its owner is the target's
// owner, and a refresh does not carry over changes of its privileges.
func TestA6EveryTargetSaysWhereItComesFrom(t *testing.T) {
	create(t, "prov_src", `CREATE TABLE public.t (a int); INSERT INTO t VALUES (1)`)
	sql(t, "postgres", `CREATE ROLE prov_refresher LOGIN PASSWORD 'pw' CREATEDB`, `CREATE ROLE prov_owner`, `CREATE ROLE prov_app LOGIN PASSWORD 'pw'`,
		`GRANT prov_owner TO prov_refresher`, `GRANT pg_signal_backend TO prov_refresher`)
	url := server.URLFor("prov_refresher", "pw", "prov_dst")
	first := open(t, url, target.Options{})
	carry(t, first, "prov_src", spec(t, "prov_src", "p1"), step(1, "p1", `{"line":"Zoë 🔑"}`))
	first.Close()
	sql(t, "postgres", `ALTER DATABASE prov_dst OWNER TO prov_owner`)
	sql(t, "prov_dst", `REVOKE ALL ON masker.provenance FROM PUBLIC`, `REVOKE ALL ON SCHEMA masker FROM PUBLIC`)

	second := open(t, url, target.Options{})
	s, err := second.Create(t.Context(), spec(t, "prov_src", "p2"))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, "prov_src", spec(t, "prov_src", "p2").Source)
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Provenance(t.Context(), []provenance.Step{step(1, "p1", `{}`), step(2, "p2", `{"line":"Zoë 🔑"}`)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if owner := one[string](t, "prov_dst", `SELECT relowner::regrole::text FROM pg_class WHERE oid = 'masker.provenance'::regclass`); owner != "prov_owner" {
		t.Errorf("the provenance belongs to %s", owner)
	}
	got, err := source.ReadProvenance(t.Context(), server.URLFor("prov_app", "pw", "prov_dst"))
	if err != nil || len(got.Steps) != 2 || got.Steps[1].Run != "p2" || !got.Steps[1].At.Equal(step(2, "", "").At) {
		t.Fatalf("got %+v, %v", got, err)
	}
	var back struct{ Line string }
	if err := json.Unmarshal([]byte(got.Steps[1].Inclusion), &back); err != nil || back.Line != "Zoë 🔑" {
		t.Errorf("got %q, %v", got.Steps[1].Inclusion, err)
	}
	if got.Mark == nil || got.Mark.Run != "p2" || got.Mark.Target != "prov_dst" {
		t.Errorf("the marker says %+v", got.Mark)
	}
}

// A6: a character that the target's encoding lacks does not make the refresh fail.
func TestA6NamesThatTheTargetsEncodingLacksAreKept(t *testing.T) {
	sql(t, "postgres", `CREATE DATABASE prov_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
	sql(t, "prov_latin", `CREATE TABLE public.t (a int)`)
	p := open(t, server.URL("prov_latin_dst"), target.Options{})
	carry(t, p, "prov_latin", spec(t, "prov_latin", "l1"), step(1, "l1", `{"line":"Ω 🔑"}`))
	got, err := source.ReadProvenance(t.Context(), server.URL("prov_latin_dst"))
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ Line string }
	if err := json.Unmarshal([]byte(got.Steps[0].Inclusion), &back); err != nil || back.Line != "Ω 🔑" {
		t.Errorf("got %q, %v", got.Steps[0].Inclusion, err)
	}
}

// A6: if the source is itself a target, the new target has its own provenance table, and not a copy of the source's.
func TestA6ATargetCanBeASource(t *testing.T) {
	create(t, "prov_a", `CREATE TABLE public.t (a int); CREATE SCHEMA masker; CREATE TABLE masker.theirs (a int)`)
	carry(t, open(t, server.URL("prov_b"), target.Options{}), "prov_a", spec(t, "prov_a", "b1"), step(1, "b1", `{}`))
	snapshot, err := source.Open(t.Context(), server.URL("prov_b"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	from, err := snapshot.Provenance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, err := snapshot.Archive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sp := sides.Shadow{Run: "c1", Source: snapshot.Catalog(), Archive: a}
	s := carry(t, open(t, server.URL("prov_c"), target.Options{}), "prov_b", sp, from.Steps[0], step(2, "c1", `{}`))
	got, err := source.ReadProvenance(t.Context(), server.URL("prov_c"))
	if err != nil || len(got.Steps) != 2 || got.Steps[0].Run != "b1" || got.Steps[1].Run != "c1" {
		t.Errorf("got %+v, %v", got, err)
	}
	if !strings.Contains(strings.Join(s.Notes(), "\n"), "GRANT USAGE ON SCHEMA masker") {
		t.Errorf("no note says that roles cannot read the schema, which comes from the source: %q", s.Notes())
	}
}

// A6: an object with the name of the provenance table, from the source or from a hook, stops the refresh.
func TestA6TheNameOfTheProvenanceTableIsReserved(t *testing.T) {
	create(t, "prov_taken", `CREATE TABLE public.t (a int); CREATE SCHEMA masker; CREATE VIEW masker.other AS SELECT 1`)
	sp := spec(t, "prov_taken", "t1")
	sql(t, "prov_taken", `ALTER VIEW masker.other RENAME TO provenance`)
	sp.Archive = dump(t, "prov_taken")
	s, err := open(t, server.URL("prov_taken_dst"), target.Options{}).Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Discard(t.Context()) }()
	err = s.Provenance(t.Context(), []provenance.Step{step(1, "t1", `{}`)})
	if !errors.Is(err, sides.ErrRefused) || !strings.Contains(err.Error(), "masker.provenance") {
		t.Errorf("got %v", err)
	}
}

// R10: pkg/source and pkg/target must agree on which comments are marks.
func TestR10BothSidesAgreeOnMarks(t *testing.T) {
	create(t, "alike", "")
	const good = `masker: {"state":"published","target":"alike","run":"r1","at":"2026-01-02T00:00:00Z"}`
	for _, c := range []struct {
		comment string
		run     string // "" if the comment is not a mark
	}{
		{good, "r1"},
		{"the team's\n" + good, "r1"},
		{"masker: yes\n" + good, ""},
		{`masker: {"state":` + "\n" + good, ""},
		{`masker: {"state":"published","run":"r1"}`, ""},
		{`masker: {"state":"published","target":"alike"}`, ""},
		{`masker: {"state":"unknown","target":"alike","run":"r1"}`, ""},
		{`about ` + good, ""},
		{"", ""},
	} {
		sql(t, "postgres", "COMMENT ON DATABASE alike IS '"+strings.ReplaceAll(c.comment, "'", "''")+"'")
		p, err := source.ReadProvenance(t.Context(), server.URL("alike"))
		if err != nil {
			t.Fatal(err)
		}
		read := ""
		if p.Mark != nil {
			read = p.Mark.Run
		}
		adopt := one[string](t, "postgres", "SELECT system_identifier::text FROM pg_control_system()") + "/alike"
		held := open(t, server.URL("alike"), target.Options{Adopt: adopt})
		written := held.Published()
		held.Close()
		if read != c.run || written != c.run {
			t.Errorf("%q: the source's side reads run %q, the target's %q, want %q", c.comment, read, written, c.run)
		}
	}
}
