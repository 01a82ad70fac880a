package report

import (
	"fmt"
	"io"
	"time"

	"github.com/masker-project/masker/internal/spell"
)

// Plain shows events as lines, for logs. There is a line for each phase, for each note, for each table when it is
// copied, and for the progress of each minute. If there are many tables, each large table has a line, and all other
// tables share one line. So a log stays readable even with many tables.
func Plain(w io.Writer) Renderer { return &plain{w: w} }

// A hundred tables are not many. If there are more tables, a table is large if it holds at least a hundredth of all
// bytes. So at most about a hundred tables have a line.
const (
	manyTables = 100
	largeShare = 0.01
)

type plain struct {
	w      io.Writer
	many   bool
	total  int64 // estimate of all bytes to read
	tables int   // the number of tables that are done and had no line
	rows   int64 // the number of rows in these tables
}

func (*plain) Every() time.Duration { return time.Minute }
func (*plain) Close()               {}

func (p *plain) Event(e Event) {
	switch e.Type {
	case EventTotal:
		p.many, p.total = *e.Tables > manyTables, *e.Bytes
	case EventTableDone:
		if !p.large(e) {
			p.tables++
			p.rows += *e.Rows
			return
		}
	case EventPhase, EventEnd, EventFailure, EventSummary:
		p.showSmaller(e.Time)
	}
	p.print(e.Time, Line(e))
}

// large reports whether a table that is done has a line of its own.
func (p *plain) large(e Event) bool {
	return !p.many || e.Bytes != nil && *e.Bytes > 0 && float64(*e.Bytes) >= largeShare*float64(p.total)
}

// showSmaller prints one line about all tables that had no line of their own.
func (p *plain) showSmaller(at time.Time) {
	if p.tables > 0 {
		p.print(at, fmt.Sprintf("%s: %s rows", spell.Count(p.tables, "smaller table"), spell.Number(p.rows)))
	}
	p.tables, p.rows = 0, 0
}

func (p *plain) print(at time.Time, text string) {
	if text != "" {
		fmt.Fprintf(p.w, "%s %s\n", at.Format("15:04:05"), text)
	}
}
