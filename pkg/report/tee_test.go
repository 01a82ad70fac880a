package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// heard is a renderer that stores the events that it gets.
type heard struct {
	every  time.Duration
	events []report.Event
	closed int
}

func (h *heard) Event(e report.Event) { h.events = append(h.events, e) }
func (h *heard) Every() time.Duration { return h.every }
func (h *heard) Close()               { h.closed++ }

func (h *heard) count(kind string) (n int) {
	for _, e := range h.events {
		if e.Type == kind {
			n++
		}
	}
	return n
}

func TestEveryRendererHasItsOwnPace(t *testing.T) {
	quick, slow := &heard{every: time.Second}, &heard{every: time.Hour}
	both := report.Tee(slow, quick)
	if both.Every() != time.Second {
		t.Errorf("every %s", both.Every())
	}
	play(report.New(both, clock()))
	const first = 1 // a renderer always gets the first progress event
	if got := slow.count(report.EventProgress); got != first {
		t.Errorf("the slow renderer got %d progress events", got)
	}
	if got := quick.count(report.EventProgress); got < 5 {
		t.Errorf("the quick renderer got %d progress events", got)
	}
	if len(slow.events)-first != len(quick.events)-quick.count(report.EventProgress) {
		t.Error("a renderer did not get an event that is not progress")
	}
	if slow.closed != 1 || quick.closed != 1 {
		t.Errorf("closed %d and %d times", slow.closed, quick.closed)
	}
}

func TestEveryEventSaysItsRunAndFlow(t *testing.T) {
	var out bytes.Buffer
	r := report.New(report.JSON(&out), clock())
	r.Phase("connect")
	r.SetRun("", "nightly")
	r.Phase("plan")
	r.Begin(report.Begin{Run: "r1", Flow: "nightly"})
	r.TableStart("public.t", 5, 80)
	r.Rows("public.t", 5, 70)
	r.TableDone("public.t", 5)
	r.Undelivered("slack", "it did not answer")
	r.Fail(6, "the target is published, but")
	r.End(report.Afterwards, 6)
	var got []string
	for line := range strings.Lines(out.String()) {
		var e report.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type == report.EventProgress {
			continue
		}
		got = append(got, e.Type+":"+e.Flow+":"+e.Run)
		if (e.Type == report.EventTableDone || e.Type == report.EventEnd) && (*e.Rows != 5 || *e.Bytes != 70) {
			t.Errorf("%s", line)
		}
		if e.Type == report.EventEnd && (e.Outcome != report.Afterwards || e.ExitCode != 6) {
			t.Errorf("%s", line)
		}
	}
	const want = "phase:: phase:nightly: begin:nightly:r1 table_start:nightly:r1 table_done:nightly:r1 undelivered:nightly:r1 error:nightly:r1 end:nightly:r1"
	if g := strings.Join(got, " "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}
