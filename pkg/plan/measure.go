package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// measure is a figure from the planner's statistics, with the finding that it makes if it is beyond a limit.
type measure struct {
	code   string
	at     cell
	figure float64 // rounded, so that it is the same in JSON
	excess float64 // how far the figure is beyond the limit of the finding: 2 is twice; below 1 there is no finding
	text   string
}

// fewestRows is a number of rows. The statistics of a column with fewer rows say nothing.
const fewestRows = 30

// drift is the factor by which a figure may move after the approval before a run notes it.
const drift = 2

// measured adds a finding if the figure is beyond its limit. It records the figure in b.measures in both cases.
func (b *builder) measured(code string, t *tableState, c *columnState, value, excess float64, format string, args ...any) {
	m := measure{code, c.at, rounded(value), excess, fmt.Sprintf(format, args...)}
	b.measures = append(b.measures, m)
	if excess >= 1 {
		b.addFinding(code, t, c.cat.Name, c.pos, "%s", m.text)
		b.findings[len(b.findings)-1].Figure = m.figure
	}
}

// rounded returns a number with two significant digits.
func rounded(x float64) float64 {
	if x == 0 {
		return 0
	}
	unit := math.Pow10(int(math.Floor(math.Log10(math.Abs(x)))) - 1)
	if unit < 1 {
		return math.Round(x*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(x/unit) * unit
}

// needStatistics reports whether PostgreSQL has statistics of a column. If not, needStatistics adds the column's table
// to b.unknown.
func (b *builder) needStatistics(t *tableState, c *columnState) bool {
	if !c.cat.Stats.Known && !slices.Contains(b.unknown, t) {
		b.unknown = append(b.unknown, t)
	}
	return c.cat.Stats.Known
}

// notes returns the notes that name the tables without statistics, for which findings that come from statistics are
// missing. A further note names the tables whose columns get another order.
func (b *builder) notes() []string {
	const most = 5 // table names
	var never, hidden []string
	for _, t := range b.unknown {
		switch {
		case b.neverAnalysed(t):
			never = append(never, t.cat.Name.String())
		case b.rows(t) > 0:
			hidden = append(hidden, t.cat.Name.String())
		}
	}
	say := func(tables []string, format string) []string {
		if len(tables) == 0 {
			return nil
		}
		list := strings.Join(tables[:min(most, len(tables))], ", ")
		if more := len(tables) - most; more > 0 {
			list += fmt.Sprintf(" and %d more", more)
		}
		return []string{fmt.Sprintf(format, spell.Count(len(tables), "table"), list)}
	}
	return slices.Concat(say(never, "the planner has no statistics of %s, so few values and dates that can be recovered are not found: %s; run ANALYZE on the source, then masker plan"),
		say(hidden, "the planner's statistics of %s are missing for treated columns, so few values and dates that can be recovered are not found: %s; GRANT SELECT on the columns to masker's role, or run ANALYZE on the source (a column with SET STATISTICS 0 stays without)"),
		say(b.movedColumns(), "the columns of %s stand in another order in the target, because pg_dump writes inherited columns first: %s; a statement that names no columns reads and writes them in that order"))
}

// neverAnalysed reports whether a table and all its partitions were never analysed.
func (b *builder) neverAnalysed(t *tableState) bool {
	if t.cat.Partitioned {
		return !slices.ContainsFunc(b.partitions(t), func(p *catalog.Table) bool { return p.Size.Rows >= 0 && !p.Partitioned })
	}
	return t.cat.Size.Rows < 0
}
