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

// FuzzTreatments treats random values with every treatment, on the types of the conformance tests. The conditions of
// these tests must hold for random values too.
func FuzzTreatments(f *testing.F) {
	all := conformers()
	slices.SortStableFunc(all, func(a, b conformer) int { // conformers returns them in the random order of a map
		return strings.Compare(a.String()+" "+a.use.Subject, b.String()+" "+b.use.Subject)
	})
	compiled := make([][2]transform.Transform, len(all)) // compiled once, so that coverage counts only the treatment of values; a fuzzing worker is one goroutine
	for i, c := range all {
		watched := library.Watched(c.use, func(transform.Place) transform.Leaf { return &counter{} })
		compiled[i] = [2]transform.Transform{transformtest.Compile(f, c.typ, c.use), transformtest.Compile(f, c.typ, watched)}
		list := inputs(c.typ)
		f.Add(uint16(i), list[i%len(list)])
	}
	f.Fuzz(func(t *testing.T, which uint16, in string) {
		i := int(which) % len(all)
		c, two := all[i], compiled[i]
		if c.typ.MaxLen > 0 && utf8.RuneCountInString(in) > c.typ.MaxLen {
			return // the column cannot hold this value
		}
		r := c.result(t, two[0], in)
		if again := c.result(t, two[1], in); again != r { // a watched treatment must give the same result
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

// mayStay reports whether a random value may equal its result. The method changed decides this for the values of the
// conformance tests.
func (c conformer) mayStay(t *testing.T, r result) bool {
	t.Helper()
	switch name := c.use.Treatment; name {
	case "truncate", "regex", "map": // the value already has the form that the treatment gives
		return true
	case "json", "hstore", "xml", "csv", "fields": // keys and masks stay; FuzzJSON and similar tests check the contents
		return true
	case "command": // the test's program reverses a value
		return true
	default:
		if strings.HasPrefix(name, "generalize.") { // the value is already the lower end of its band
			return true
		}
	}
	traits, err := library.Check(transformtest.Column(c.typ), c.use)
	if err != nil {
		t.Fatal(err)
	}
	return traits.Space < 1e6 && strings.HasPrefix(c.use.Treatment, "fake.") // equal by chance
}
