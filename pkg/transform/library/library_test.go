package library

import "testing"

// An entry's name is what rules look up, its Spec's what the reference prints.
func TestEveryTreatmentIsFoundByItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range families() {
		for _, e := range f.entries() {
			if spec := e.Definition(); spec.Name != e.Name {
				t.Errorf("%s: %s is looked up as %s", f.title, spec.Name, e.Name)
			}
			if seen[e.Name] {
				t.Errorf("%s: %s is there twice", f.title, e.Name)
			}
			seen[e.Name] = true
			if _, ok := Lookup(e.Name); !ok {
				t.Errorf("%s is not found", e.Name)
			}
		}
	}
	if _, ok := Lookup("keeep"); ok {
		t.Error("found a treatment that there is not")
	}
}

// The version is in the digest of every plan that somebody has approved: it changes only where a result does.
func TestTheVersionStays(t *testing.T) {
	if got, want := Version(), "library 2, canonical forms 1, dictionaries bacb67c37500ca08"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Lookup("fake.email"); !ok {
			b.Fatal("not found")
		}
	}
}
