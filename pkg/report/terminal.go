package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/masker-project/masker/internal/spell"
)

// maxBars is how many tables can have a bar at the same time.
const maxBars = 8

// Terminal shows a bar for each table that is being copied, at most maxBars, and one for all tables together. Above the
// bars it shows events as lines.
func Terminal(w io.Writer) Renderer {
	return &terminal{
		p:    mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh(), mpb.WithRefreshRate(150*time.Millisecond)),
		bars: make(map[string]*bar),
	}
}

type terminal struct {
	p     *mpb.Progress
	bars  map[string]*bar
	total *bar
	work  *bar // the object that a phase works on, with a spinner
}

// bar is a bar and the text beside it. A goroutine of mpb reads the text.
type bar struct {
	*mpb.Bar
	beside atomic.Pointer[string]
}

func (t *terminal) Every() time.Duration { return 100 * time.Millisecond }

// Close shows all lines that were written, and removes the bars. The method Wait of mpb returns when no bar is left,
// even if some lines are not shown yet. So Close adds an empty bar, which mpb removes only after it has shown the
// lines.
func (t *terminal) Close() {
	t.clear()
	t.p.New(0, mpb.NopStyle(), mpb.BarRemoveOnComplete()).Abort(true)
	t.p.Wait()
}

func (t *terminal) Event(e Event) {
	switch e.Type {
	case EventTableStart:
		t.open(e.Table, *e.Rows)
	case EventStep:
		t.status(e)
	case EventProgress:
		t.move(e)
	case EventTableDone:
		t.finish(e.Table)
		t.print(e)
	case EventPhase:
		t.clear()
		t.print(e)
	default:
		t.print(e)
	}
}

// print writes a line above the bars.
func (t *terminal) print(e Event) {
	if text := Line(e); text != "" {
		_, _ = t.p.Write([]byte(text + "\n"))
	}
}

func (t *terminal) open(table string, rows int64) {
	if t.total == nil {
		t.total = t.add("total", 0, 1<<20)
	}
	if len(t.bars) < maxBars {
		t.bars[table] = t.add(table, rows, len(t.bars))
	}
}

// add makes a bar. Progress events update its numbers.
func (t *terminal) add(name string, rows int64, priority int) *bar {
	b := new(bar)
	b.beside.Store(new(string))
	// The bar is made without a total. Otherwise mpb would end the bar at the first total, even if a larger total is
	// set later.
	b.Bar = t.p.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.BarPriority(priority),
		mpb.PrependDecorators(decor.Name(label(name))),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string {
			return fmt.Sprintf(" %s rows%s", spell.Number(s.Current), *b.beside.Load())
		})))
	b.SetTotal(max(rows, 1), false)
	return b
}

// status shows the object that a phase works on, beside a spinner.
func (t *terminal) status(e Event) {
	text := " " + Clean(e.Phase+" "+e.Text)
	if t.work == nil {
		b := new(bar)
		b.beside.Store(&text)
		b.Bar = t.p.AddSpinner(0, mpb.BarRemoveOnComplete(), mpb.BarWidth(1),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *b.beside.Load() })))
		t.work = b
	}
	t.work.beside.Store(&text)
}

func (t *terminal) move(e Event) {
	slices.SortFunc(e.totals.running, func(a, b counter) int { return strings.Compare(a.table, b.table) })
	for _, c := range e.totals.running {
		if b := t.bars[c.table]; b != nil {
			set(b, c.rows, c.estRows, rate(c.bytes, e.Time.Sub(c.from)), -1)
		}
	}
	if t.total != nil {
		set(t.total, e.totals.rows, e.totals.estRows, e.BytesPerSec, *e.SecondsLeft)
	}
}

func rate(bytes int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(bytes) / d.Seconds()
}

// set updates a bar. The estimated number of rows can be too low. So set makes the bar's total larger than the number
// of rows so far.
func set(b *bar, rows, estimate int64, perSecond, left float64) {
	text := fmt.Sprintf(", %s/s%s", size(int64(perSecond)), timeLeft(left))
	b.beside.Store(&text)
	b.SetTotal(max(estimate, rows+1), false)
	b.SetCurrent(rows)
}

func (t *terminal) finish(table string) {
	if b := t.bars[table]; b != nil {
		b.Abort(true)
		delete(t.bars, table)
	}
}

func (t *terminal) clear() {
	for table := range t.bars {
		t.finish(table)
	}
	for _, b := range []**bar{&t.total, &t.work} {
		if *b != nil {
			(*b).Abort(true)
			*b = nil
		}
	}
}

// label shortens a name to the width of its column.
func label(table string) string {
	const width = 32
	name := []rune(Clean(table))
	if len(name) > width {
		name = append(name[:width-1], '…')
	}
	return fmt.Sprintf("%-*s ", width, string(name))
}
