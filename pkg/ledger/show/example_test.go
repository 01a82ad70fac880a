package show_test

import (
	"log"
	"os"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
)

// Table prints the records of one run. ledger.Filter reads such records from a ledger's folder.
func ExampleTable() {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	err := show.Table(os.Stdout, []ledger.FlowRecord{
		{Flow: "nightly", Record: ledger.Record{Seq: 1, Time: at, Event: ledger.EventStart, Run: "1m85pvc1frfk", Movement: &ledger.Movement{
			Source: ledger.Party{Environment: "production", Database: "shop"}, Target: ledger.Party{Environment: "staging", Database: "shop"},
			Actor: ledger.Actor{User: "masker"}, Approvers: []ledger.Approver{{Principal: "bob@example.com"}},
		}}},
		{Flow: "nightly", Record: ledger.Record{
			Seq: 2, Time: at.Add(90 * time.Second), Event: ledger.EventFinish, Run: "1m85pvc1frfk",
			Outcome: &ledger.Outcome{Published: true, Rows: 120_000, DurationMS: 90_000},
		}},
		{Flow: "small", Record: ledger.Record{
			Seq: 4, Time: at.Add(2 * time.Minute), Event: ledger.EventFinish, Run: "1m85pw2bq7xk",
			Outcome: &ledger.Outcome{Published: true, Rows: 1, DurationMS: 900},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// RECORD  TIME (UTC)           EVENT   RUN           FLOW     WHAT
	// 1       2026-03-01 02:00:00  start   1m85pvc1frfk  nightly  production/shop to staging/shop, by masker, approved by bob@example.com
	// 2       2026-03-01 02:01:30  finish  1m85pvc1frfk  nightly  published, 120,000 rows in 1m30s
	// 4       2026-03-01 02:02:00  finish  1m85pw2bq7xk  small    published, 1 row in 900ms
}
