package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock returns a clock that advances by one second with each call.
func clock() func() time.Time {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func play(r *report.Reporter) report.Summary {
	r.Begin(report.Begin{Run: "r1", Flow: "nightly", Source: "production (shop)", Target: "staging (stg)"})
	r.Phase("rows")
	r.Total(2, 5000, 2e6)
	r.TableStart("public.orders", 5000, 2e6)
	r.TableStart("public.\x1b[31mred", -1, 8192)
	for range 12 {
		r.Rows("public.orders", 400, 1e5)
	}
	r.TableDone("public.\x1b[31mred", 0)
	r.TableDone("public.orders", 4800)
	r.Note("public.v is empty")
	r.Phase("finish")
	r.Step("indexes", "public.\x1b[31mred_pkey")
	r.Phase("publish")
	s := r.Done(report.Summary{
		Published: true, Run: "r1", Flow: "nightly", Source: "production (shop)", Target: "staging (stg)",
		Tables: 2, Rows: 4800, Columns: map[string]int{"unchanged": 3, "synthetic": 2},
		Skipped: []string{"public.log"}, Waivers: []string{"approvals", "verify"}, Previous: "stg_old",
		Verified: "strict: 2 tables compared", Unchecked: []string{"values of public.orders.note: too common 2, too short 3", "values of public.orders.at: type 9"},
		Key: "ab12", KeyPerRun: true, Next: "psql stg",
	})
	r.Close()
	return s
}

func TestPlainLinesTellTheStory(t *testing.T) {
	var out bytes.Buffer
	play(report.New(report.Plain(&out), clock()))
	const want = `03:04:07 run r1: production (shop) to staging (stg)
03:04:09 rows
03:04:10 about 5,000 rows (2.0 MB) in 2 tables to read
03:04:31 public.\x1b[31mred: 0 rows
03:04:33 public.orders: 4,800 rows
03:04:34 note: public.v is empty
03:04:36 finish
03:04:36 publish
`
	if got := out.String(); shape(got) != shape(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A log of 5,000 tables has a line for each phase and for each large table, one for the smaller tables together, and
// one for each minute.
func TestALogOfManyTablesStaysShort(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var out bytes.Buffer
	r := report.New(report.Plain(&out), func() time.Time { return now })
	r.Phase("rows")
	r.Total(5000, 5e6, 5e9)
	for i := range 5000 {
		table, bytes := fmt.Sprintf("public.small%d", i), int64(5e5)
		if i == 42 {
			table, bytes = "public.large", 25e8
		}
		r.TableStart(table, 1000, bytes)
		now = now.Add(50 * time.Millisecond) // 250 s for all tables
		r.Rows(table, 1000, bytes)
		r.TableDone(table, 1000)
	}
	r.Phase("finish")
	r.End(report.Published, 0)
	got := out.String()
	for _, want := range []string{" public.large: 1,000 rows\n", " 4,999 smaller tables: 4,999,000 rows\n", " finish\n", " tables done, "} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if n := strings.Count(got, "\n"); n > 10 {
		t.Errorf("the log of 5,000 tables has %d lines", n)
	}
}

// shape removes the numbers that depend on the clock.
func shape(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		_, text, _ := strings.Cut(line, " ")
		if strings.Contains(text, "left") {
			text = "progress\n"
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "")
}

func TestJSONLinesHoldEveryEvent(t *testing.T) {
	var out bytes.Buffer
	play(report.New(report.JSON(&out), clock()))
	var types []string
	for line := range strings.Lines(out.String()) {
		var e struct {
			Event   string
			Table   string
			Rows    *int64
			Summary *report.Summary
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if e.Event == "progress" && len(types) > 0 && types[len(types)-1] == "progress" {
			continue
		}
		if e.Event == "table_done" && e.Rows == nil {
			t.Errorf("a table without rows has no row count: %s", line)
		}
		types = append(types, e.Event)
		if e.Event == "summary" && (e.Summary.Rows != 4800 || len(e.Summary.Phases) != 3) {
			t.Errorf("%s", line)
		}
	}
	const want = "begin phase total table_start table_start progress table_done table_done note phase step phase summary"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("an escape reached the output")
	}
}

func TestTheTerminalIsLeftAsItWas(t *testing.T) {
	var out bytes.Buffer
	play(report.New(report.Terminal(&out), clock()))
	for _, want := range []string{"rows\n", `public.\x1b[31mred: 0 rows`, "public.orders: 4,800 rows", "publish"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %q", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b[31m") {
		t.Error("a table's name coloured the terminal")
	}
}

func TestTheSummarySaysWhatHappened(t *testing.T) {
	s := play(report.New(report.Discard(), clock()))
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	const want = `published  staging (stg) from production (shop) (flow nightly, run r1)
rows       4,800 in 2 tables
columns    2 synthetic, 3 unchanged
verified   strict: 2 tables compared
unchecked  values of public.orders.note: too common 2, too short 3; values of public.orders.at: type 9
time       TIME
skipped    rows of public.log
key        made for this run and not kept: another run gives other results (fingerprint ab12)
waived     approvals, verify
previous   kept as database stg_old
next       psql stg
`
	got := out.String()
	if i := strings.Index(got, "time "); i >= 0 {
		_, rest, _ := strings.Cut(got[i:], "\n")
		if line := got[i : len(got)-len(rest)]; !strings.Contains(line, "rows/s") || !strings.Contains(line, "publish") {
			t.Errorf("times without phases and rates: %s", line)
		}
		got = got[:i] + "time       TIME\n" + rest
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAStoppedRunSaysSo(t *testing.T) {
	var out bytes.Buffer
	_ = report.Summary{Skipped: []string{"1", "2", "3", "4", "5", "6", "7"}}.Write(&out)
	if got := out.String(); !strings.HasPrefix(got, "stopped") || !strings.Contains(got, "5 and 2 more") {
		t.Errorf("%s", got)
	}
}
