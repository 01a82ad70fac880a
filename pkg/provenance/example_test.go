package provenance_test

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

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
	if err := run.Shadow(ledger.Database{Name: "masker_shop", OID: 16400}); err != nil {
		log.Fatal(err)
	}
	inclusion, err := run.Include()
	if err != nil {
		log.Fatal(err)
	}
	proof, err := json.Marshal(inclusion)
	if err != nil {
		log.Fatal(err)
	}
	claim := provenance.Claim{ // as source.ReadProvenance reads it from a database
		SystemID: "8", Database: "shop", OID: 16400,
		Mark:  &provenance.Mark{State: provenance.Published, Target: "shop", Run: run.ID()},
		Steps: []provenance.Step{{Step: 1, Run: run.ID(), Inclusion: string(proof)}},
	}
	fmt.Println(provenance.Judge(claim, []string{l.VerifierKey()}).Verified)

	claim.OID = 16401
	fmt.Println(strings.ReplaceAll(provenance.Judge(claim, []string{l.VerifierKey()}).Why, run.ID(), "RUN"))

	claim.Database = "copy"
	fmt.Println(provenance.Judge(claim, []string{l.VerifierKey()}).Why)
	// Output:
	// true
	// it is not the database that run RUN made (OID 16400, this one has 16401): it is a copy, or was restored, and was renamed
	// masker made database 8/shop, and this is 8/copy: a copy of it, or it was renamed
}
