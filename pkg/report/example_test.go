package report_test

import (
	"os"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// The example shows the events of a run as lines of text. JSON and Terminal show the same events.
func Example() {
	noon := func() time.Time { return time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC) } // programs use time.Now
	r := report.New(report.Plain(os.Stdout), noon)
	defer r.Close()
	r.Begin(report.Begin{Run: "r1", Flow: "nightly", Source: "production", Target: "staging"})
	r.Phase("rows")
	r.Total(1, 3, 300)
	r.TableStart("public.customers", 3, 300)
	r.Rows("public.customers", 3, 310)
	r.TableDone("public.customers", 3)
	r.Note("materialized view public.totals is left empty")
	r.End(report.Published, 0)
	// Output:
	// 12:00:00 run r1: production to staging
	// 12:00:00 rows
	// 12:00:00 about 3 rows (0.3 kB) in 1 table to read
	// 12:00:00 public.customers: 3 rows
	// 12:00:00 note: materialized view public.totals is left empty
}
