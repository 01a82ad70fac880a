package library_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// FuzzTreatments gives any value to any treatment on any family it takes: what the conformance suite wants of
// values made to slip through must hold of whatever comes.
func FuzzTreatments(f *testing.F) {
	all := conformers()
	slices.SortStableFunc(all, func(a, b conformer) int { // families come in a map's order
		return strings.Compare(a.String()+" "+a.use.Subject, b.String()+" "+b.use.Subject)
	})
	compiled := make([][2]transform.Transform, len(all)) // here, so that coverage is that of values; a fuzzing worker is one goroutine
	for i, c := range all {
		compiled[i] = [2]transform.Transform{transformtest.Compile(f, c.typ, c.use), transformtest.Compile(f, c.typ, c.use)}
		list := inputs(c.typ)
		f.Add(uint16(i), list[i%len(list)])
	}
	f.Fuzz(func(t *testing.T, which uint16, in string) {
		i := int(which) % len(all)
		c, two := all[i], compiled[i]
		if c.typ.MaxLen > 0 && utf8.RuneCountInString(in) > c.typ.MaxLen {
			return // such a column holds no such value
		}
		r := c.result(t, two[0], in)
		if again := c.result(t, two[1], in); again != r { // another worker, another order
			t.Errorf("%s: %q: %+v, then %+v", c, in, r, again)
		}
		if r.err != "" {
			return
		}
		if utf8.ValidString(in) && !utf8.ValidString(r.out) {
			t.Errorf("%s: %q became %q, no UTF-8", c, in, r.out)
		}
		c.fits(t, in, r)
		if !c.mayStay(t, r) {
			c.changed(t, in, r)
		}
		if t.Failed() {
			t.Log(c)
		}
	})
}

// mayStay says where a result equal to its input is right for other values than the conformance suite's own.
func (c conformer) mayStay(t *testing.T, r result) bool {
	t.Helper()
	switch name := c.use.Treatment; name {
	case "truncate", "regex", "map": // what has the wanted form already
		return true
	case "json", "hstore", "xml", "csv", "fields": // names and masks stay; FuzzJSON and its like look inside
		return true
	case "command": // the test's program turns a value round
		return true
	default:
		if strings.HasPrefix(name, "generalize.") { // the foot of its own step
			return true
		}
	}
	traits, err := library.Check(transformtest.Column(c.typ), c.use)
	if err != nil {
		t.Fatal(err)
	}
	return traits.Space < 1e6 && strings.HasPrefix(c.use.Treatment, "fake.") // met by chance
}
