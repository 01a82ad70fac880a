package movement

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/sides"
)

// The OIDs of the shadow of a run, and of the database that the run replaces.
const made, replaced = 4711, 815

func finish(r *ledger.Run) error { return r.Finish(ledger.Outcome{}) }

func abort(r *ledger.Run) error { return r.Abort(ledger.Outcome{}) }

func die(*ledger.Run) error { return nil }

// ran records a run on a target and returns its identifier. The argument replaces is the OID of the database that the
// run replaces, or 0. The run makes a shadow if shadow is set. The function end ends the run, or leaves it open.
func ran(t *testing.T, l *ledger.Ledger, target string, replaces uint32, shadow bool, end func(*ledger.Run) error) string {
	t.Helper()
	r, err := l.Start(ledger.Movement{Target: ledger.Party{SystemID: "7", Database: target}, Replaces: &replaces}, "")
	if err == nil && shadow {
		err = r.Shadow(ledger.Database{Name: "x", OID: made})
	}
	if err == nil {
		err = end(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.ID()
}

// candidate is a database whose name holds a run's identifier. The field abandoned is the expected reason why the
// ledger does not prove that the run left this database behind. The field replaced is the expected reason why the
// ledger does not prove that the run replaced this database. A reason is "" if the ledger proves the statement.
type candidate struct {
	target, run string
	oid         uint32
	marked      bool
	abandoned   string
	replaced    string
}

// candidates returns databases of runs that ended in every way.
func candidates(t *testing.T, l *ledger.Ledger) map[string]candidate {
	t.Helper()
	other := ran(t, l, "other", replaced, true, finish)
	published, first := ran(t, l, "stg", replaced, true, finish), ran(t, l, "stg", 0, true, finish)
	failed, early := ran(t, l, "stg", replaced, true, abort), ran(t, l, "stg", replaced, false, abort)
	dead := ran(t, l, "dead", replaced, false, die) // on another target, because the next start on the same target would record the end of this run
	died := ran(t, l, "died", replaced, true, die)
	return map[string]candidate{
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
	}
}

// TestR10TheLedgerDecidesWhatIsDropped checks what decides whether a database is dropped: the record of the run and
// the OID in this record, and not the mark.
func TestR10TheLedgerDecidesWhatIsDropped(t *testing.T) {
	dir := t.TempDir()
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, c := range candidates(t, l) {
		d := sides.Database{SystemID: "7", Target: c.target, Name: "x", OID: c.oid, Run: c.run, Marked: c.marked}
		elsewhere := d
		elsewhere.SystemID = "8"
		o := &ownership{dir: dir, ledger: l, now: time.Now}
		for what, ask := range map[string]struct {
			want  string
			prove func(*ownership, context.Context, sides.Database) (string, error)
		}{
			"abandoned": {c.abandoned, (*ownership).Abandoned},
			"replaced":  {c.replaced, (*ownership).Replaced},
		} {
			if why, err := ask.prove(o, t.Context(), d); err != nil || (why == "") != (ask.want == "") || !strings.Contains(why, ask.want) {
				t.Errorf("%s, %s: %q, %v, want %q", name, what, why, err, ask.want)
			}
			if why, err := ask.prove(&ownership{dir: dir, ledger: l, now: time.Now}, t.Context(), elsewhere); err != nil || why == "" {
				t.Errorf("%s, %s, on another server: proven, %v", name, what, err)
			}
		}
	}
}
