package library

import "testing"

func TestEveryTreatmentIsFoundByItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, spec := range All() {
		if seen[spec.Name] {
			t.Errorf("%s is there twice", spec.Name)
		}
		seen[spec.Name] = true
		if found, ok := Lookup(spec.Name); !ok || found != spec {
			t.Errorf("%s is not found", spec.Name)
		}
	}
	if _, ok := Lookup("keeep"); ok {
		t.Error("found a treatment that there is not")
	}
}

// Every approved plan has the version in its digest. The version may change only with a change of results.
func TestVersionIsUnchanged(t *testing.T) {
	if got, want := Version(), "library 5, canonical forms 1, dictionaries bacb67c37500ca08"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
