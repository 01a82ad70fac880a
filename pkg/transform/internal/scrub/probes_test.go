package scrub_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// probe is a text with something personal in it, and the part of it that must not be in the result.
type probe struct {
	Kind           string `json:"kind"`
	Text           string `json:"text"`
	MustNotSurvive string `json:"must_not_survive"`
}

// probes reads one of the files in testdata. Each line is a probe.
func probes(t testing.TB, name string) (list []probe) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var p probe
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		list = append(list, p)
	}
	return list
}

// The columns of the row are the given name and the family name. Addresses and numbers in the probes are known from
// their form only.
func TestP10ProbesDoNotSurvive(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil, "Jürgen", "Kyle", "Müller-Lüdenscheidt", "Perkins")
	for _, file := range []string{"testdata/probes.jsonl", "testdata/ownprobes.jsonl"} {
		for _, p := range probes(t, file) {
			if got := s.run(t, p.Text); strings.Contains(got, p.MustNotSurvive) {
				t.Errorf("%s: %q became %q", p.Kind, p.Text, got)
			} else {
				t.Logf("%-22s %-40q %q", p.Kind, p.Text, got)
			}
		}
	}
}
