package provenance_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// Judge proves with a ledger's public key which run made a database. A copy of that database is not proven.
func ExampleJudge() {
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing is written any more
	run, err := l.Start(ledger.Movement{Flow: "nightly", Target: ledger.Party{SystemID: "8", Database: "shop"}}, "")
	if err != nil {
		log.Fatal(err)
	}
	inclusion, err := l.Include(run.Seq())
	if err != nil {
		log.Fatal(err)
	}
	proof, err := json.Marshal(inclusion)
	if err != nil {
		log.Fatal(err)
	}
	claim := provenance.Claim{ // as source.ReadProvenance reads it from a database
		SystemID: "8", Database: "shop",
		Mark:  &provenance.Mark{State: provenance.Published, Target: "shop", Run: run.ID()},
		Steps: []provenance.Step{{Step: 1, Run: run.ID(), Inclusion: string(proof)}},
	}
	fmt.Println(provenance.Judge(claim, []string{l.VerifierKey()}).Verified)

	claim.Database = "copy"
	fmt.Println(provenance.Judge(claim, []string{l.VerifierKey()}).Why)
	// Output:
	// true
	// masker made database 8/shop, and this is 8/copy: a copy of it, or it was renamed
}
