package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
)

// R7: no program reads the key that signs the ledger, even if the key is outside the ledger's folder.
func TestR7NoProgramReadsTheLedgersKey(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"masker.yaml": "ledger: {path: ledger, signer: other/signer.key}\n",
		"treat":       "#!/bin/sh\n", "other/signer.key": "key", "words/a": "word",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c, err := loadConfig(filepath.Join(dir, "masker.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.programs("nightly")
	if err != nil {
		t.Fatal(err)
	}
	for folder, allowed := range map[string]bool{"words": true, "other": false, "other/signer.key": false} {
		s, err := r.Seal(transform.Command{Run: []string{"./treat"}, MayRead: []string{folder}})
		if (err == nil) != allowed {
			t.Errorf("may_read: [%s]: %v", folder, err)
		}
		if err == nil {
			s.Close()
		}
	}
}
