package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/masker-project/masker/pkg/ledger"
)

// The example records a movement. Later it finds a changed record with the ledger's public key.
func Example() {
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		log.Fatal(err)
	}
	run, err := l.Start(ledger.Movement{
		Flow:   "nightly",
		Source: ledger.Party{Environment: "production", Kind: "production", SystemID: "7", Database: "shop"},
		Target: ledger.Party{Environment: "staging", Kind: "staging", SystemID: "8", Database: "shop"},
	}, "") // the target's mark names no run
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(run.Finish(ledger.Outcome{Rows: 3}), l.Close()); err != nil {
		log.Fatal(err)
	}
	report, err := ledger.Verify(dir, l.VerifierKey())
	fmt.Println("as recorded:", report.Checked, "records,", err)

	file := filepath.Join(dir, "ledger.jsonl")
	records, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(records, []byte(`"rows":3`), []byte(`"rows":2`), 1), 0o600); err != nil {
		log.Fatal(err)
	}
	var tampered *ledger.Tampered
	if _, err := ledger.Verify(dir, l.VerifierKey()); errors.As(err, &tampered) {
		fmt.Println("changed: record", tampered.Seq)
	}
	// Output:
	// as recorded: 2 records, <nil>
	// changed: record 2
}
