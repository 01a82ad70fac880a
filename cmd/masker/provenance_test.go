package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/provenance"
)

// twoSteps is the provenance of two movements, from production to staging and from staging to integration. Each step is
// in its own ledger. The field keys holds the public keys of the ledgers.
type twoSteps struct {
	keys []string
	at   provenance.Claim
}

func newTwoSteps(t *testing.T) twoSteps {
	t.Helper()
	return changedTwoSteps(t, func(int, *ledger.Movement) {})
}

// changedTwoSteps records both movements, and calls change before each of them. The first step has number 1.
func changedTwoSteps(t *testing.T, change func(step int, m *ledger.Movement)) twoSteps {
	t.Helper()
	var j twoSteps
	party := func(env, db string) ledger.Party {
		return ledger.Party{Environment: env, Kind: env, SystemID: "7" + env, Database: db}
	}
	stops := []ledger.Party{party("production", "shop"), party("staging", "shop_stg"), party("integration", "shop_int")}
	for i := range stops[1:] {
		l, err := ledger.Open(t.TempDir(), ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m := ledger.Movement{
			Flow: "flow", Source: stops[i], Target: stops[i+1], Revision: 7, Author: "alice@example.com", Waivers: []string{"verify"},
			Approvers:  []ledger.Approver{{Principal: "bob@example.com", Fingerprint: "SHA256:x", At: time.Unix(1e9, 0)}},
			Digests:    ledger.Digests{Rules: "rulesdigest", Plan: "plandigest"},
			Treatments: []ledger.Column{{Table: "t", Column: "c", Treatment: "email", Discloses: "pseudonymised"}},
		}
		if i > 0 {
			m.SourceRun = j.at.Steps[i-1].Run
		}
		change(i+1, &m)
		run, err := l.Start(m, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Shadow(ledger.Database{Name: "masker_shadow", OID: 16400}); err != nil {
			t.Fatal(err)
		}
		in, err := run.Include()
		if err != nil {
			t.Fatal(err)
		}
		j.keys = append(j.keys, l.VerifierKey())
		j.at.Steps = append(j.at.Steps, provenance.Step{Step: i + 1, Run: run.ID(), Inclusion: asJSON(t, in)})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	last := len(stops) - 1
	j.at.Database, j.at.SystemID, j.at.OID = stops[last].Database, stops[last].SystemID, 16400
	j.at.Mark = &provenance.Mark{State: "published", Target: j.at.Database, Run: j.at.Steps[last-1].Run}
	return j
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestA6ProvenanceIsProvenByTheKeysAlone(t *testing.T) {
	j := newTwoSteps(t)
	o := provenance.Judge(j.at, j.keys)
	if !o.Verified || o.Why != "" {
		t.Fatalf("not verified: %s", o.Why)
	}
	origin, why := movement.OriginOf(o)
	if why != "" || origin == nil || origin.Kind != guard.Integration || origin.Database.String() != "7integration/shop_int" || origin.Run != j.at.Steps[1].Run {
		t.Errorf("got %+v, %s", origin, why)
	}
	text := show.Origin(o)
	for _, want := range []string{
		"environment production, database shop on server 7production", "revision 7, rules rulesdigest, plan plandigest", "alice@example.com",
		"bob@example.com (SHA256:x) on 2001-09-09", "1 pseudonymised", "Is it production? No", "changed or added rows since",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer lacks %q:\n%s", want, text)
		}
	}
}

// A6: a provenance with a missing, changed, exchanged or renamed part is not trusted, and the output says why.
func TestA6AnUnprovenProvenanceIsNotTrusted(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(j *twoSteps)
		want  string
	}{
		"no steps":       {func(j *twoSteps) { j.at.Steps = nil }, "no provenance"},
		"no key":         {func(j *twoSteps) { j.keys = nil }, "was not given"},
		"one key of two": {func(j *twoSteps) { j.keys = j.keys[:1] }, "step 2"},
		"another's key": {func(j *twoSteps) {
			j.keys[1] = strings.Split(j.keys[1], "+")[0] + j.keys[0][strings.Index(j.keys[0], "+"):]
		}, "step 2"},
		"no proof":            {func(j *twoSteps) { j.at.Steps[0].Inclusion = "rubbish" }, "cannot be read"},
		"a changed record":    {func(j *twoSteps) { change(j, 1, "integration", "production2") }, "not prove"},
		"a changed approver":  {func(j *twoSteps) { change(j, 0, "bob@example.com", "eve@example.com") }, "not prove"},
		"first step gone":     {func(j *twoSteps) { j.at.Steps = j.at.Steps[1:] }, "step 1 of its provenance is missing"},
		"a hidden beginning":  {func(j *twoSteps) { j.at.Steps = j.at.Steps[1:]; j.at.Steps[0].Step = 1 }, "begins in the middle"},
		"last step gone":      {func(j *twoSteps) { j.at.Steps = j.at.Steps[:1] }, "a copy of it, or it was renamed"},
		"steps exchanged":     {func(j *twoSteps) { slices.Reverse(j.at.Steps); j.at.Steps[0].Step, j.at.Steps[1].Step = 1, 2 }, "begins in the middle"},
		"a step twice":        {func(j *twoSteps) { again := j.at.Steps[1]; again.Step = 3; j.at.Steps = append(j.at.Steps, again) }, "did not read what"},
		"another run":         {func(j *twoSteps) { j.at.Steps[1].Run = "other" }, "another run"},
		"renamed":             {func(j *twoSteps) { j.at.Database = "shop" }, "a copy of it, or it was renamed"},
		"another server":      {func(j *twoSteps) { j.at.SystemID = "8" }, "a copy of it, or it was renamed"},
		"another database":    {func(j *twoSteps) { j.at.OID++ }, "is not the database that run"},
		"no proof of the OID": {func(j *twoSteps) { j.spoil(t, func(in *ledger.Inclusion) { in.Shadow = nil }) }, "does not prove which database"},
		"another OID":         {func(j *twoSteps) { j.at.OID++; change(j, 1, `oid\":16400`, `oid\":16401`) }, "record of its database"},
		"another record": {func(j *twoSteps) {
			j.spoil(t, func(in *ledger.Inclusion) { start := *in; start.Shadow = nil; in.Shadow = &start })
		}, "is of something else"},
		"no marker":           {func(j *twoSteps) { j.at.Mark = nil }, "comment"},
		"made by a later run": {func(j *twoSteps) { j.at.Mark.Run = "later" }, "comment"},
		"kept":                {func(j *twoSteps) { j.at.Mark = &provenance.Mark{State: "previous", Target: "shop_int", Run: "later"} }, "former content"},
	} {
		t.Run(name, func(t *testing.T) {
			j := newTwoSteps(t)
			c.spoil(&j)
			o := provenance.Judge(j.at, j.keys)
			if o.Verified || !strings.Contains(o.Why, c.want) {
				t.Errorf("verified %v, %q; want %q", o.Verified, o.Why, c.want)
			}
			if origin, why := movement.OriginOf(o); origin != nil || why == "" {
				t.Errorf("the guard gets %+v, %q", origin, why)
			}
			if text := show.Origin(o); !strings.Contains(text, "It counts as production") {
				t.Errorf("the output does not say that the database counts as production:\n%s", text)
			}
		})
	}
}

// A6: each step must have read the database that the step before it made. If a step has read
// another database, the provenance is not proven, even if each single step is proven.
func TestA6TheStepsAreOneChain(t *testing.T) {
	j, other := newTwoSteps(t), newTwoSteps(t)
	j.at.Steps[0], j.keys = other.at.Steps[0], append(j.keys, other.keys...)
	otherSource := changedTwoSteps(t, func(step int, m *ledger.Movement) {
		if step == 2 {
			m.Source.Database = "shop" // step 1 made shop_stg
		}
	})
	for name, j := range map[string]twoSteps{"another run": j, "another database": otherSource} {
		if o := provenance.Judge(j.at, j.keys); o.Verified || !strings.Contains(o.Why, "step 2 did not read what step 1 made") {
			t.Errorf("%s: verified %v, %q", name, o.Verified, o.Why)
		}
	}
}

// spoil changes the proof of the last step.
func (j *twoSteps) spoil(t *testing.T, change func(in *ledger.Inclusion)) {
	t.Helper()
	last := &j.at.Steps[len(j.at.Steps)-1]
	var in ledger.Inclusion
	if err := json.Unmarshal([]byte(last.Inclusion), &in); err != nil {
		t.Fatal(err)
	}
	change(&in)
	last.Inclusion = asJSON(t, in)
}

// change replaces a text in the record of a step.
func change(j *twoSteps, step int, from, to string) {
	j.at.Steps[step].Inclusion = strings.ReplaceAll(j.at.Steps[step].Inclusion, from, to)
}

// A6: a record of another event, such as a refusal, proves no step, although the ledger has signed it.
func TestA6OnlyMovementsProveProvenance(t *testing.T) {
	j := newTwoSteps(t)
	l, err := ledger.Open(t.TempDir(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Refuse(ledger.Refusal{Flow: "flow", Why: "no"}); err != nil {
		t.Fatal(err)
	}
	in, err := l.Include(1)
	if err != nil {
		t.Fatal(err)
	}
	j.at.Steps[1].Inclusion = asJSON(t, in)
	o := provenance.Judge(j.at, append(j.keys, l.VerifierKey()))
	if o.Verified || !strings.Contains(o.Why, "not of a refresh") {
		t.Errorf("verified %v, %q", o.Verified, o.Why)
	}
}

// A6: everybody who can write to the target can write names into its provenance. Escape sequences in them do not reach
// the terminal.
func TestA6ProvenanceIsShownWithoutEscapeSequences(t *testing.T) {
	evil := "\x1b[2J\x1b]0;owned\x07\nMay I trust it? Yes"
	record := ledger.Record{Event: ledger.EventStart, Movement: &ledger.Movement{Author: evil, Source: ledger.Party{Environment: evil}}}
	in := ledger.Inclusion{Line: asJSON(t, record), Verifier: evil + "+x+y"}
	o := provenance.Judge(provenance.Claim{Database: evil, Steps: []provenance.Step{{Step: 1, Run: evil, Inclusion: asJSON(t, in)}}}, nil)
	text := show.Origin(o)
	if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "\nMay I trust it? Yes") {
		t.Errorf("got %q", text)
	}
}

func TestL7APasswordOnTheCommandLineIsRefused(t *testing.T) {
	for dsn, want := range map[string]bool{
		"postgres://me@h/d":                 false,
		"postgres://me:canary@h/d":          true,
		"postgres://me@h/d?password=canary": true,
		"postgres://me@h/d?sslpassword=c":   true,
		"postgres://me:canary%zz@h/d":       true,
		"host=h user=me":                    false,
		"host=h password=canary":            true,
		"host=h PASSWORD = 'canary'":        true,
	} {
		if got := hasPassword(dsn); got != want {
			t.Errorf("%s: got %v", dsn, got)
		}
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"provenance", "postgres://me:canary@127.0.0.1:9/d"}, nil, stdio{nil, &out, &errs})
	if code != exitUsage || strings.Contains(out.String()+errs.String(), "canary") || !strings.Contains(errs.String(), "${NAME}") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
}

func TestKeysOfProvenance(t *testing.T) {
	j := newTwoSteps(t)
	file := filepath.Join(t.TempDir(), "ledger.pub")
	if err := os.WriteFile(file, []byte(j.keys[0]+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := &app{configFile: filepath.Join(t.TempDir(), "masker.yaml")}
	if got, err := a.verifierKeys([]string{file, j.keys[1]}); err != nil || !slices.Equal(got, j.keys) {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := a.verifierKeys(nil); err != nil || got != nil {
		t.Errorf("without configuration and key: %q, %v", got, err)
	}
	for _, bad := range []string{"nowhere", "PRIVATE+KEY+x+y+z"} {
		if _, err := a.verifierKeys([]string{bad}); exitCode(err) != exitUsage {
			t.Errorf("%s: got %v", bad, err)
		}
	}
	if err := secretArgument([]string{"provenance", "staging", "--key", j.keys[0]}); err != nil {
		t.Errorf("a public key is taken for a secret: %v", err)
	}
}

// FuzzProvenance checks that Prove accepts no record except the ledger's own.
func FuzzProvenance(f *testing.F) {
	l, err := ledger.Open(f.TempDir(), ledger.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	run, err := l.Start(ledger.Movement{Flow: "flow"}, "")
	if err != nil {
		f.Fatal(err)
	}
	in, err := l.Include(run.Seq())
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add(`{"line":"{}","seq":1,"proof":["x"],"checkpoint":"a\n1\nb\n\n","verifier":"a+b+c"}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, inclusion string) {
		s := provenance.Step{Step: 1, Run: run.ID(), Inclusion: inclusion}.Prove([]string{l.VerifierKey()})
		if !s.Verified {
			return
		}
		var got ledger.Inclusion
		if json.Unmarshal([]byte(inclusion), &got) != nil || got.Line != in.Line {
			t.Errorf("%q is proven", inclusion)
		}
	})
}
