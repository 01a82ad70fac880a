package branch

import (
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

func TestNamesOfBranches(t *testing.T) {
	for name, good := range map[string]bool{
		"pr_4711": true, "4711": true, "a-b": true, strings.Repeat("a", 63): true,
		"": false, strings.Repeat("a", 64): false, "-x": false, "A": false, "a.b": false, `a"b`: false, "ä": false, "a b": false,
	} {
		if err := CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
	a, b := builtName(strings.Repeat("a", 63), "1m84zs2khtx6"), builtName(strings.Repeat("a", 63), "1m84zs2khtx7")
	if len(a) > 63 || a == b || !strings.HasSuffix(a, "_branching_1m84zs2khtx6") {
		t.Errorf("%q, %q", a, b)
	}
}

func TestHowLongABranchIsNeeded(t *testing.T) {
	for text, want := range map[string]time.Duration{"12h": 12 * time.Hour, "7d": 7 * 24 * time.Hour, "2w": 14 * 24 * time.Hour, "never": 0} {
		if got, err := ParseExpiry(text); err != nil || got != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "7", "d", "0d", "-1d", "7m", "7 d", "1.5d", "99999d", "never ", "é"} {
		if got, err := ParseExpiry(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func FuzzParseExpiry(f *testing.F) {
	f.Add("7d")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ParseExpiry(text); err == nil && (got < 0 || got == 0 && text != "never") {
			t.Errorf("%q is %s", text, got)
		}
	})
}

// A database counts as half-made only if the ledger names it. With a mark, the mark, the name and the OID must match
// the ledger. Without a mark, the name and, if it is recorded, the OID must match the ledger, the database must be
// closed, and it must belong to masker's role.
func TestR10WhatIsHalfMade(t *testing.T) {
	const run, built = "1m84zs2khtx6", "pr_branching_1m84zs2khtx6"
	o := &opened{server: named{}}
	mark := func(state provenance.State, target, id string) *provenance.Mark {
		return &provenance.Mark{State: state, Target: target, Run: id}
	}
	known := func(oid uint32) map[string]ledger.Branch {
		return map[string]ledger.Branch{run: {Built: built, Database: ledger.Database{Name: "pr", OID: oid}}}
	}
	for _, c := range []struct {
		name string
		d    Database
		oid  uint32 // OID in the ledger
		want bool
	}{
		{"marked", Database{Name: built, OID: 7, Mark: mark(provenance.Branching, "staging", run)}, 7, true},
		{"marked, another OID", Database{Name: built, OID: 8, Mark: mark(provenance.Branching, "staging", run)}, 7, false},
		{"marked, the ledger has no OID", Database{Name: built, OID: 7, Mark: mark(provenance.Branching, "staging", run)}, 0, false},
		{"marked, another name", Database{Name: "pr", OID: 7, Mark: mark(provenance.Branching, "staging", run)}, 7, false},
		{"marked, of another target", Database{Name: built, OID: 7, Mark: mark(provenance.Branching, "other", run)}, 7, false},
		{"marked, unknown", Database{Name: built, OID: 7, Mark: mark(provenance.Branching, "staging", "x")}, 7, false},
		{"complete", Database{Name: built, OID: 7, Mark: mark(provenance.Branch, "staging", run)}, 7, false},
		{"closed", Database{Name: built, OID: 7, Closed: true, Mine: true}, 0, true},
		{"closed and recorded", Database{Name: built, OID: 7, Closed: true, Mine: true}, 7, true},
		{"closed, another OID", Database{Name: built, OID: 8, Closed: true, Mine: true}, 7, false},
		{"open", Database{Name: built, OID: 7, Mine: true}, 0, false},
		{"of another role", Database{Name: built, OID: 7, Closed: true}, 0, false},
		{"closed, another name", Database{Name: "pr", OID: 7, Closed: true, Mine: true}, 0, false},
	} {
		if b, got := o.halfMade(c.d, known(c.oid)); got != c.want || got && b.Database.Name != "pr" {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// named is a server that knows only the name of its target.
type named struct{ Server }

func (named) Target() string { return "staging" }
