package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/transform"
)

// The test runs the program as masker does. It pins the program and its key, sends the same values twice, and ends the
// program.
func TestPlatesAsMaskerRunsThem(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "plates"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "plates.key"), []byte("a key of this test, and of nothing else"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := external.Runner{Dir: dir, Path: os.Getenv("PATH")}
	c := transform.Command{Run: []string{"./plates", "plates.key"}, Batch: 10, Timeout: 20 * time.Second}
	unpinned, err := r.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	defer unpinned.Close()
	c.SHA256 = map[string]string{}
	for _, f := range unpinned.Files() {
		c.SHA256[f.Name] = f.SHA256
	}
	s, err := r.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := [][]byte{[]byte("B-MW 4711"), []byte("HH-A 1"), []byte("B-MW 4711"), []byte("unknown")}
	first, err := p.Treat("public.cars.plate", values)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Treat("public.cars.plate", values)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	for i, v := range values {
		if string(first[i]) != string(again[i]) || string(first[i]) == string(v) {
			t.Errorf("%s became %s, then %s", v, first[i], again[i])
		}
	}
	if string(first[0]) != string(first[2]) || !regexp.MustCompile(`^[A-Z]-[A-Z]{2} [0-9]{4}$`).Match(first[0]) || string(first[3]) != "X-0000" {
		t.Errorf("%s", first)
	}
}
