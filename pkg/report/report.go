// Package report tells people and programs what a refresh does: one stream of
// events, rendered as bars on a terminal, as plain lines, or as JSON lines, and a
// summary at the end.
//
// It knows names, counts and times, and must never be given a row's value. A
// Reporter satisfies the engine's observer by its methods alone; this package does
// not import the engine.
package report

import (
	"sync"
	"time"
)

// Event is one thing that happened. As JSON it is one line of `--format json`; the
// fields of each type are stable, new ones may be added. Every event carries the flow and
// the run as soon as they are known.
//
//	begin       source, target
//	total       tables, rows, bytes to come (estimates)
//	phase       phase: connect, plan, schema, rows, indexes, publish, …
//	step        phase, text: an object being worked on within a phase
//	table_start table, rows, bytes (estimates; rows is -1 where unknown)
//	progress    tables (done), rows, bytes (so far), rows_per_second, bytes_per_second, seconds_left (-1 = unknown)
//	table_done  table, rows, bytes (moved)
//	note        text: something to know that stops nothing
//	undelivered text: who could not be told, and why
//	error       text, exit_code
//	summary     summary
//	end         outcome, exit_code, rows, bytes (moved until then): the last event of a run, however it ended
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

	totals totals // of a progress event, for the bars
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
	EventFailure     = "error"
	EventSummary     = "summary"
	EventEnd         = "end"
)

// Outcome is how a run ended, in a word of a closed set.
type Outcome string

// The outcomes.
const (
	Published  Outcome = "published"
	Failed     Outcome = "failed"
	Refused    Outcome = "refused"
	Busy       Outcome = "busy"
	Afterwards Outcome = "afterwards" // published, but something after it failed
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Published, Failed, Refused, Busy, Afterwards} }

// Renderer shows events. Calls come one at a time.
type Renderer interface {
	Event(Event)
	// Every is how often it wants a progress event.
	Every() time.Duration
	// Close leaves the terminal as it was.
	Close()
}

// Discard shows nothing.
func Discard() Renderer { return discard{} }

type discard struct{}

func (discard) Event(Event)          {}
func (discard) Every() time.Duration { return time.Hour }
func (discard) Close()               {}

// Begin is what is known when a run begins.
type Begin struct{ Run, Flow, Source, Target string }

// Beside lets a second renderer see the events from now on.
func (r *Reporter) Beside(second Renderer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = Tee(r.out, second)
}

// Reporter turns what happens into events. Any goroutine may call it.
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

// New makes a reporter that shows on out. now is time.Now but in tests.
func New(out Renderer, now func() time.Time) *Reporter {
	t := now()
	return &Reporter{out: out, now: now, began: t, phaseAt: t, lastTick: t, tables: make(map[string]*counter)}
}

// Of says which run of which flow is spoken of from now on; a run has its name only once it begins.
func (r *Reporter) Of(run, flow string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run, r.flow = run, flow
}

// Begin says what is about to move.
func (r *Reporter) Begin(b Begin) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run, r.flow = b.Run, b.Flow
	r.emit(Event{Type: EventBegin, Source: b.Source, Target: b.Target})
}

// Total says how much is to come; rows and bytes are estimates.
func (r *Reporter) Total(tables int, rows, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.estRows = rows
	r.emit(Event{Type: EventTotal, Tables: &tables, Rows: &rows, Bytes: &bytes})
}

// Phase says that the run enters a phase; the one before it has ended.
func (r *Reporter) Phase(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endPhase()
	r.phase = name
	r.emit(Event{Type: EventPhase, Phase: name})
}

// Step says what is being worked on within a phase, such as an index.
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

// TableStart says that a table's first rows are on their way; rows is an estimate, -1 where unknown.
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

// Rows says that so many more rows and bytes of a table have moved.
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

// TableDone says that a table has arrived whole, with so many rows.
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

// Note says something that stops nothing and should be known.
func (r *Reporter) Note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventNote, Text: text})
}

// Undelivered says who could not be told of the run, and why.
func (r *Reporter) Undelivered(channel, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventUndelivered, Text: "not delivered to " + channel + ": " + why})
}

// Fail says why the command ends without success.
func (r *Reporter) Fail(exitCode int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(Event{Type: EventFailure, Text: text, ExitCode: exitCode})
}

// Done says what happened; the summary's times and rates it fills in and returns.
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

// End closes the stream of a run, however it ended.
func (r *Reporter) End(o Outcome, exitCode int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows, bytes := r.totals.rows, r.totals.bytes
	r.emit(Event{Type: EventEnd, Outcome: o, ExitCode: exitCode, Rows: &rows, Bytes: &bytes})
}

// Close leaves the terminal as it was; nothing may be reported after it. A second Close does nothing.
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
