package guess

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/labelled"
)

// score counts the columns that were found, the columns that were found wrongly, and the columns that were missed.
type score struct{ found, wrong, missed int }

func (s score) precision() float64 { return share(s.found, s.found+s.wrong) }
func (s score) recall() float64    { return share(s.found, s.found+s.missed) }

func (s score) f2() float64 {
	p, r := s.precision(), s.recall()
	if p+r == 0 {
		return 0
	}
	return 5 * p * r / (4*p + r)
}

func share(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (s score) String() string {
	return fmt.Sprintf("%5d %6d %6d   %.3f %.3f %.3f", s.found, s.wrong, s.missed, s.precision(), s.recall(), s.f2())
}

// measure holds the scores of one set of columns.
type measure struct {
	kinds  map[string]*score // a column counts as found if its kind is right
	all    score             // a sensitive column counts as found if it has any kind
	misses []string
}

// measured scores the guesses for the labelled columns. The columns for which Even is true are for tuning. The
// others are for the report.
func measured(t *testing.T, schemas []labelled.Schema, even bool) *measure {
	t.Helper()
	d := detectors(t)
	m := &measure{kinds: map[string]*score{}}
	of := func(kind string) *score {
		if m.kinds[kind] == nil {
			m.kinds[kind] = &score{}
		}
		return m.kinds[kind]
	}
	for _, s := range schemas {
		g := d.Database(s.Database())
		for i := range s.Columns {
			c := &s.Columns[i]
			got := kindOf(g.Of(c.Table, c.Name))
			if c.Even() != even {
				continue
			}
			if s.Kinds != nil && !slices.Contains(s.Kinds, got) {
				got = "" // the labels say nothing about this kind
			}
			if got != c.Kind {
				m.misses = append(m.misses, fmt.Sprintf("%s %s: %q, want %q", s.Name, c.Table.Column(c.Name), got, c.Kind))
			}
			count(of, &m.all, got, c)
		}
	}
	return m
}

func count(of func(string) *score, all *score, got string, c *labelled.Column) {
	switch {
	case got != "" && c.Sensitive:
		all.found++
	case got != "":
		all.wrong++
	case c.Sensitive:
		all.missed++
	}
	switch {
	case c.Kind == "" && got == "" || c.Kind == "" && c.Sensitive: // a file of labels in LABELS may leave out the kind
	case got == c.Kind:
		of(got).found++
	default:
		if got != "" {
			of(got).wrong++
		}
		if c.Kind != "" {
			of(c.Kind).missed++
		}
	}
}

// TestGuessesOfLabelledColumns measures the guesses by names, types, comments and keys. `make bench-discovery` prints the
// figures. LABELS names a file of labels that is measured instead (table, column, kind, sensitive), or a folder with the
// reference set of the repository tsegall/semantic-types.
func TestGuessesOfLabelledColumns(t *testing.T) {
	schemas, err := labelled.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("LABELS"); path != "" {
		schemas = []labelled.Schema{labels(t, path)}
	}
	even, odd := measured(t, schemas, true), measured(t, schemas, false)
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s found  wrong missed  precision recall F2\n", "odd columns")
	for _, kind := range slices.Sorted(maps.Keys(odd.kinds)) {
		fmt.Fprintf(&b, "%-16s %s\n", kind, odd.kinds[kind])
	}
	fmt.Fprintf(&b, "%-16s %s\n%-16s %s\n", "sensitive, odd", odd.all, "sensitive, even", even.all)
	t.Logf("\n%sodd columns with another kind:\n%s", b.String(), strings.Join(odd.misses, "\n"))
	if os.Getenv("LABELS") != "" {
		return
	}
	atLeast := func(what string, got, want float64) {
		if got < want {
			t.Errorf("%s: %.3f, want %.3f", what, got, want)
		}
	}
	atLeast("precision", odd.all.precision(), 0.85)
	atLeast("recall", odd.all.recall(), 0.97)
	atLeast("recall of structured identifiers", odd.of("email", "phone", "pan", "iban", "national_id", "secret", "password").recall(), 0.97)
	atLeast("recall of names and streets", odd.of("given_name", "family_name", "full_name", "street").recall(), 0.90)
}

// labels reads the labels of a file or folder.
func labels(t *testing.T, path string) labelled.Schema {
	t.Helper()
	read := labelled.Read
	if info, err := os.Stat(path); err != nil {
		t.Fatal(err)
	} else if info.IsDir() {
		path, read = filepath.Join(path, "reference.csv"), labelled.ReadSemanticTypes
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := read(path, f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// of adds the scores of several kinds.
func (m *measure) of(kinds ...string) score {
	var sum score
	for _, k := range kinds {
		if s := m.kinds[k]; s != nil {
			sum = score{sum.found + s.found, sum.wrong + s.wrong, sum.missed + s.missed}
		}
	}
	return sum
}

func BenchmarkDatabase(b *testing.B) {
	schemas, err := labelled.Schemas()
	if err != nil {
		b.Fatal(err)
	}
	d, err := New()
	if err != nil {
		b.Fatal(err)
	}
	db := schemas[0].Database()
	b.Run("guess", func(b *testing.B) {
		for b.Loop() {
			d.Database(db)
		}
	})
	b.Run("vocabulary", func(b *testing.B) {
		for b.Loop() {
			if _, err := New(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
