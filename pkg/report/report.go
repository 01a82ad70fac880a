// Package report shows people and programs what a refresh does. A Reporter makes events, and a Renderer shows them: as
// bars on a terminal, as plain lines or as JSON lines. A summary comes at the end.
//
// Events hold names, counts and times. Callers must never pass a row's value. A Reporter has the methods of
// refresh.Observer, but this package does not import package refresh.
package report

import (
	"fmt"
	"sync"
	"time"

	"github.com/masker-project/masker/pkg/verify"
)

// Event is one event of a run. As JSON it is one line of `--format json`. The fields of each type are stable, and new
// fields may be added. Every event has the flow and the run, as soon as they are known.
//
//	begin       source, target
//	total       tables, and estimates of rows and bytes to read
//	phase       phase: connect, plan, schema, rows, finish, publish, announce, …
//	step        phase, text: the object that the phase works on
//	table_start table, estimates of rows and bytes (rows is -1 if unknown)
//	progress    tables (done), rows and bytes (so far), rows_per_second, bytes_per_second, seconds_left (-1 if unknown)
//	table_done  table, rows, bytes
//	note        text: a note for the operator
//	undelivered text: the channel or the checkpoint copy that was not reached, and why
//	verified    verification: the report of the verification, whether it passed or not
//	error       text, exit_code
//	summary     summary
//	end         outcome, exit_code, rows and bytes (so far). Only an error or a note can follow
type Event struct {
	Type          string    `json:"event"`
	Time          time.Time `json:"time"`
	Run           string    `json:"run,omitempty"`
	Flow          string    `json:"flow,omitempty"`
	Source        string    `json:"source,omitempty"`
	Target        string    `json:"target,omitempty"`
	Phase         string    `json:"phase,omitempty"`
	Table         string    `json:"table,omitempty"`
	Tables        *int      `json:"tables,omitempty"`
	Rows          *int64    `json:"rows,omitempty"`
	Bytes         *int64    `json:"bytes,omitempty"`
	RowsPerSecond float64   `json:"rows_per_second,omitempty"`
	BytesPerSec   float64   `json:"bytes_per_second,omitempty"`
	SecondsLeft   *float64  `json:"seconds_left,omitempty"`
	Text          string    `json:"text,omitempty"`
	ExitCode      int       `json:"exit_code,omitempty"`
	Outcome       Outcome   `json:"outcome,omitempty"`
	Summary       *Summary  `json:"summary,omitempty"`

	Verification *verify.Report `json:"verification,omitempty"`

	totals totals // totals of a progress event, for the bars
}

// The types of events.
const (
	EventBegin       = "begin"
	EventTotal       = "total"
	EventPhase       = "phase"
	EventStep        = "step"
	EventTableStart  = "table_start"
	EventProgress    = "progress"
	EventTableDone   = "table_done"
	EventNote        = "note"
	EventUndelivered = "undelivered"
	EventVerified    = "verified"
	EventFailure     = "error"
	EventSummary     = "summary"
	EventEnd         = "end"
)

// Outcome says how a run ended. It is one of Outcomes.
type Outcome string

// The outcomes.
const (
	Published  Outcome = "published"
	Failed     Outcome = "failed"
	Unverified Outcome = "unverified" // verification failed, and nothing was published
	Refused    Outcome = "refused"
	Busy       Outcome = "busy"
	Afterwards Outcome = "afterwards" // something failed after publishing
)

// Outcomes lists all outcomes.
func Outcomes() []Outcome { return []Outcome{Published, Failed, Unverified, Refused, Busy, Afterwards} }

// Renderer shows events. Its methods are not called at the same time.
type Renderer interface {
	Event(Event)
	// Every returns the shortest time between two progress events that the renderer wants.
	Every() time.Duration
	// Close restores the terminal.
	Close()
}

// Discard shows nothing.
func Discard() Renderer { return discard{} }

type discard struct{}

func (discard) Event(Event)          {}
func (discard) Every() time.Duration { return time.Hour }
func (discard) Close()               {}

// Begin describes a run at its start.
type Begin struct{ Run, Flow, Source, Target string }

// AddRenderer adds a renderer. The renderer gets only events that come after this call.
func (r *Reporter) AddRenderer(second Renderer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = Tee(r.out, second)
}

// Reporter makes events. Any goroutine may call its methods.
type Reporter struct {
	mu       sync.Mutex
	out      Renderer
	run      string
	flow     string
	now      func() time.Time
	began    time.Time
	lastTick time.Time
	rowsFrom time.Time // start of the first table
	rowsTo   time.Time // end of the last table
	phase    string
	phaseAt  time.Time
	phases   []Phase
	totals   totals
	tables   map[string]*counter
	closed   bool
}

type totals struct {
	done        int
	estRows     int64
	rows, bytes int64
	running     []counter
}

type counter struct {
	table       string
	estRows     int64
	rows, bytes int64
	from        time.Time
}

// New makes a reporter with a renderer. The argument now is time.Now, except in tests.
func New(out Renderer, now func() time.Time) *Reporter {
	t := now()
	return &Reporter{out: out, now: now, began: t, phaseAt: t, lastTick: t, tables: make(map[string]*counter)}
}

// SetRun sets the run and the flow of all following events. Before the run has an identifier, the argument run is "".
func (r *Reporter) SetRun(run, flow string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run, r.flow = run, flow
}

// Begin reports the start of a run.
func (r *Reporter) Begin(b Begin) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run, r.flow = b.Run, b.Flow
	r.emit(Event{Type: EventBegin, Source: b.Source, Target: b.Target})
}

// Total reports how much there is to read. The arguments rows and bytes are estimates.
func (r *Reporter) Total(tables int, rows, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.estRows = rows
	r.emit(Event{Type: EventTotal, Tables: &tables, Rows: &rows, Bytes: &bytes})
}

// Phase reports that the run enters a phase, and ends the phase before it.
func (r *Reporter) Phase(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endPhase()
	r.phase = name
	r.emit(Event{Type: EventPhase, Phase: name})
}

// Step reports the object that a phase works on, such as an index.
func (r *Reporter) Step(phase, object string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventStep, Phase: phase, Text: object})
}

func (r *Reporter) endPhase() {
	now := r.now()
	if r.phase != "" {
		r.phases = append(r.phases, Phase{Name: r.phase, Seconds: seconds(now.Sub(r.phaseAt))})
	}
	r.phase, r.phaseAt = "", now
}

// TableStart reports that masker begins to copy a table. The arguments rows and bytes are estimates. If the number of
// rows is not known, rows is -1.
func (r *Reporter) TableStart(table string, rows, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.rowsFrom.IsZero() {
		r.rowsFrom = now
	}
	r.tables[table] = &counter{table: table, estRows: rows, from: now}
	r.emit(Event{Type: EventTableStart, Table: table, Rows: &rows, Bytes: &bytes})
}

// Rows reports that more rows and bytes of a table were copied.
func (r *Reporter) Rows(table string, rows, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.tables[table]; c != nil {
		c.rows += rows
		c.bytes += bytes
	}
	r.totals.rows += rows
	r.totals.bytes += bytes
	if now := r.now(); now.Sub(r.lastTick) >= r.out.Every() {
		r.lastTick = now
		r.emit(r.progress())
	}
}

// Again reports that an extent is copied again, and why.
func (r *Reporter) Again(table string, extent int, why error) {
	r.Note(fmt.Sprintf("%s: extent %d is copied again: %v", table, extent, why))
}

// TableDone reports that a table was copied completely, with its number of rows.
func (r *Reporter) TableDone(table string, rows int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := Event{Type: EventTableDone, Table: table, Rows: &rows}
	if c := r.tables[table]; c != nil {
		e.Bytes = &c.bytes
	}
	delete(r.tables, table)
	r.totals.done++
	r.rowsTo = r.now()
	r.emit(e)
}

// Note reports a note for the operator.
func (r *Reporter) Note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventNote, Text: text})
}

// Undelivered reports that a notification could not be delivered to a channel, and why.
func (r *Reporter) Undelivered(channel, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventUndelivered, Text: "not delivered to " + channel + ": " + why})
}

// Verified reports what the verification of the shadow has found.
func (r *Reporter) Verified(v *verify.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventVerified, Verification: v})
}

// Fail reports why the command fails.
func (r *Reporter) Fail(exitCode int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventFailure, Text: text, ExitCode: exitCode})
}

// Done reports the summary of a run. It sets the summary's phases, times, bytes and rates, and returns the summary.
func (r *Reporter) Done(s Summary) Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endPhase()
	s.Phases = r.phases
	s.Seconds = seconds(r.now().Sub(r.began))
	s.Bytes = r.totals.bytes
	if d := r.rowsTo.Sub(r.rowsFrom).Seconds(); d > 0 {
		s.RowsPerSecond, s.BytesPerSecond = float64(s.Rows)/d, float64(s.Bytes)/d
	}
	r.emit(Event{Type: EventSummary, Summary: &s})
	return s
}

// End reports the end of a run. It is the run's last event.
func (r *Reporter) End(o Outcome, exitCode int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows, bytes := r.totals.rows, r.totals.bytes
	r.emit(Event{Type: EventEnd, Outcome: o, ExitCode: exitCode, Rows: &rows, Bytes: &bytes})
}

// Close restores the terminal. After Close, no other method may be called. A second Close does nothing.
func (r *Reporter) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.out.Close()
	}
}

func (r *Reporter) emit(e Event) {
	e.Time, e.Run, e.Flow = r.now().UTC(), r.run, r.flow
	r.out.Event(e)
}

func (r *Reporter) progress() Event {
	t := r.totals
	for _, c := range r.tables {
		t.running = append(t.running, *c)
	}
	left := -1.0
	e := Event{Type: EventProgress, Tables: &t.done, Rows: &t.rows, Bytes: &t.bytes, SecondsLeft: &left, totals: t}
	if d := r.now().Sub(r.rowsFrom).Seconds(); d > 0 {
		e.RowsPerSecond, e.BytesPerSec = float64(t.rows)/d, float64(t.bytes)/d
	}
	if e.RowsPerSecond > 0 && t.estRows >= t.rows {
		left = float64(t.estRows-t.rows) / e.RowsPerSecond
	}
	return e
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
