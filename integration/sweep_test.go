package integration

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// sweep searches for canaries in the output of masker and in every file of its folder: the ledger, the configuration
// and temporary files (L1, A9).
func (s *site) sweep(t *testing.T, o outcome) {
	t.Helper()
	if len(s.canaries) == 0 {
		return
	}
	for name, text := range map[string]string{"stdout": o.stdout, "stderr": o.stderr} {
		for _, found := range canariesIn([]byte(text), s.canaries) {
			t.Errorf("%s holds the canary %s", name, found)
		}
	}
	sweepFolder(t, s.dir, s.canaries)
}

// sweepFolder searches for canaries in every file below a folder, and in the paths of the files.
func sweepFolder(t *testing.T, dir string, canaries []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // a running server removes files
		}
		if err != nil {
			return err
		}
		if !e.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		files++
		for _, found := range canariesIn(append(data, path...), canaries) {
			t.Errorf("%s holds the canary %s", path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("there are no files in %s", dir)
	}
}

// canariesIn returns the canaries in a text. It finds canaries that are written as text, and canaries in hexadecimal,
// the form in which PostgreSQL writes bytea.
func canariesIn(text []byte, canaries []string) []string {
	var found []string
	for _, c := range canaries {
		if bytes.Contains(text, []byte(c)) || bytes.Contains(text, []byte(hexOf(c))) {
			found = append(found, c)
		}
	}
	return found
}

func hexOf(s string) string {
	const digits = "0123456789abcdef"
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, digits[c>>4], digits[c&15])
	}
	return string(b)
}
