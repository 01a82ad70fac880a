package movement

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/sides"
)

// TestR10TheLedgerDecidesWhatIsDropped: by the run's record and the OID it holds, whatever a mark says.
func TestR10TheLedgerDecidesWhatIsDropped(t *testing.T) {
	dir := t.TempDir()
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const made, replaced = 4711, 815
	finish := func(r *ledger.Run) error { return r.Finish(ledger.Outcome{}) }
	abort := func(r *ledger.Run) error { return r.Abort(ledger.Outcome{}) }
	start := func(database string, replaces uint32, shadow bool, end func(*ledger.Run) error) string {
		r, err := l.Start(ledger.Movement{Target: ledger.Party{SystemID: "7", Database: database}, Replaces: &replaces}, "")
		if err == nil && shadow {
			err = r.Shadow(ledger.Database{Name: "x", OID: made})
		}
		if err == nil && end != nil {
			err = end(r)
		}
		if err != nil {
			t.Fatal(err)
		}
		return r.ID()
	}
	other := start("other", replaced, true, finish)
	published, first := start("stg", replaced, true, finish), start("stg", 0, true, finish)
	failed, early := start("stg", replaced, true, abort), start("stg", replaced, false, abort)
	dead := start("dead", replaced, false, nil) // on a target of its own, as the next start would close it
	died := start("died", replaced, true, nil)

	for name, c := range map[string]struct {
		target, run string
		oid         uint32
		marked      bool
		abandoned   string // why not; "" where it is
		replaced    string
	}{
		"what a failed run could not drop":         {"stg", failed, made, true, "", "not published"},
		"another with a failed run's mark":         {"stg", failed, made + 1, true, "is not the database that run", "not published"},
		"a failed run that made nothing":           {"stg", early, made, true, "has ended", "not published"},
		"the same, unmarked":                       {"stg", early, made, false, "has ended", "not published"},
		"what a dead run made":                     {"died", died, made, true, "", "not published"},
		"another with a dead run's mark":           {"died", died, replaced, true, "is not the database that run", "not published"},
		"what a dead run made and did not mark":    {"dead", dead, made, false, "", "not published"},
		"a mark of a dead run that made no record": {"dead", dead, made, true, "before it marked", "not published"},
		"what a published run made":                {"stg", published, made, true, "was published", "is not the database that run"},
		"what a published run replaced":            {"stg", published, replaced, true, "was published", ""},
		"a published run that replaced nothing":    {"stg", first, replaced, true, "was published", "there was no such database"},
		"no OID at all":                            {"stg", first, 0, true, "was published", "there was no such database"},
		"a run on another target":                  {"stg", other, replaced, true, "no record", "no record"},
		"a run of nobody's":                        {"stg", "zzzzzzzzzzzz", made, true, "no record", "no record"},
	} {
		o := &ownership{dir: dir, ledger: l}
		d := sides.Database{SystemID: "7", Target: c.target, Name: "x", OID: c.oid, Run: c.run, Marked: c.marked}
		for what, ask := range map[string]struct {
			want  string
			prove func() (string, error)
		}{
			"abandoned": {c.abandoned, func() (string, error) { return o.Abandoned(t.Context(), d) }},
			"replaced":  {c.replaced, func() (string, error) { return o.Replaced(t.Context(), d) }},
		} {
			if why, err := ask.prove(); err != nil || (why == "") != (ask.want == "") || !strings.Contains(why, ask.want) {
				t.Errorf("%s, %s: %q, %v, want %q", name, what, why, err, ask.want)
			}
		}
		d.SystemID = "8"
		for _, prove := range []func() (string, error){
			func() (string, error) {
				return (&ownership{dir: dir, ledger: l}).Abandoned(t.Context(), d)
			},
			func() (string, error) { return (&ownership{dir: dir, ledger: l}).Replaced(t.Context(), d) },
		} {
			if why, err := prove(); err != nil || why == "" {
				t.Errorf("%s, on another server: proven, %v", name, err)
			}
		}
	}
}
