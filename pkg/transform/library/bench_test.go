package library_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// hot lists the treatments of common columns.
func hot() []string {
	return []string{
		"token", "mask", "truncate", "shift", "noise", "pan",
		"fake.given_name", "fake.family_name", "fake.full_name", "fake.email", "fake.phone", "fake.street",
		"generalize.number", "generalize.age", "generalize.date", "generalize.postcode", "generalize.ip", "generalize.geo",
	}
}

func TestHotTreatmentsAllocateNothing(t *testing.T) {
	for _, name := range hot() {
		spec, ok := library.Lookup(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		for i, e := range spec.Examples {
			step := example(t, e)
			if n := testing.AllocsPerRun(100, step); n != 0 {
				t.Errorf("%s, example %d: %v allocations", name, i, n)
			}
		}
	}
}

// BenchmarkLibrary measures the cost per value of each treatment's first example. The cost includes the keyed seed and
// the canonical form.
func BenchmarkLibrary(b *testing.B) {
	for _, spec := range library.All() {
		b.Run(strings.ReplaceAll(spec.Name, " ", "_"), func(b *testing.B) {
			step := example(b, spec.Examples[0])
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// example compiles an example and treats its value once, so that scratch buffers grow to their final size. The function
// step treats the value again.
func example(t testing.TB, e transform.Example) (step func()) {
	t.Helper()
	tr, cell, row, dst := transformtest.Compile(t, e.Type, e.Use), transform.Cell{Text: []byte(e.In)}, exampleRow(t, e), make([]byte, 0, 4096)
	step = func() {
		if _, _, err := tr.Append(dst, cell, row); err != nil {
			t.Fatalf("%s: %v", e.Use.Treatment, err)
		}
	}
	step()
	return step
}

// BenchmarkCompile measures the compilation of a column. Every worker compiles every treated column. In a database with
// many small tables, this is a large part of the work.
func BenchmarkCompile(b *testing.B) {
	for _, treatment := range []string{"mask", "token", "fake.given_name", "fake.email", "fake.phone", "scrub"} {
		b.Run(treatment, func(b *testing.B) {
			b.ReportAllocs()
			column := transform.Column{Name: "c", Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}}
			for b.Loop() {
				if _, err := library.Compile(column, transform.Use{Treatment: treatment, Domain: "d"}, transformtest.Keys(b)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
