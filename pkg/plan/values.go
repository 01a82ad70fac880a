package plan

import (
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// These are the limits of the findings about columns whose values can be recognised by how often they occur.
const (
	fewValues   = 1000 // different values; with more, the counts of two values are often equal
	rowsOfValue = 10   // rows of each value, on average
	dominant    = 0.1  // share of the rows that have the most frequent value
)

// byBoolean is the code of the finding about a boolean column whose result depends only on its value.
const byBoolean = "boolean-by-value"

// values adds a finding for each column whose results depend on the value alone, if the column has few values or one
// dominant value. Equal values of such a column have equal results. Somebody who knows how often each value occurs can
// tell the value from how often its result occurs. The counts come from the planner's statistics. No value is read.
func (b *builder) values() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, c := range t.columns {
			by := ""
			if c.treated() {
				by = byValue(&c.use)
			}
			switch {
			case by == "" || c.unique || slices.Contains([]catalog.Family{catalog.Array, catalog.Composite, catalog.Multirange}, c.cat.Type.Family):
			case c.cat.Type.Family == catalog.Boolean:
				b.booleanByValue(t, c, by)
			case b.needStatistics(t, c):
				b.countValues(t, c, by)
			}
		}
	}
}

// byValue returns the treatment of a use whose result depends only on the value. It also looks at the uses for other
// rows (Else). It returns "" if there is none, for example because the subject decides the results.
func byValue(u *transform.Use) string {
	for ; u != nil; u = u.Else {
		mapped := slices.Contains([]string{"token", "permute", "map", "pan", "iban", "sample"}, u.Treatment) || strings.HasPrefix(u.Treatment, "fake.")
		if mapped && u.Subject == "" {
			return u.Treatment
		}
	}
	return ""
}

// booleanByValue refuses a boolean column whose result depends only on its value, unless the rules waive the finding.
// Such a column has at most two results, so the column usually stays as it is or is inverted as a whole.
func (b *builder) booleanByValue(t *tableState, c *columnState, by string) {
	const text = "%s becomes %s by its value: all rows with true get one result, and all with false get one, so the column stays as it is or is inverted as a whole; give the table a subject and use `as`, or use null"
	for _, w := range b.set.Waivers {
		if w.Finding == byBoolean && w.Table == t.cat.Name && w.Column == c.cat.Name {
			b.addFinding(byBoolean, t, c.cat.Name, c.pos, text, c.at, by)
			return
		}
	}
	b.fail(c.pos, text+"; or waive %s", c.at, by, byBoolean)
}

// countValues measures how many different values a column has, and how frequent the most frequent one is.
func (b *builder) countValues(t *tableState, c *columnState, by string) {
	const remedy = "give the table a subject and use `as`, or use generalize or null"
	filled := 1 - c.cat.Stats.Nulls
	rows := b.rows(t) * filled
	if rows < fewestRows {
		return
	}
	n := max(1, b.distinct(t, c))
	few := min(fewValues/n, rows/(rowsOfValue*n))
	b.measured("few-values", t, c, n, few,
		"%s becomes %s by its value and has about %s different values in %s rows: equal values get equal results, so how often a result occurs tells which value it was; %s",
		c.at, by, figure(n), figure(rows), remedy)
	if few >= 1 || c.cat.Stats.Common == 0 {
		return
	}
	share := math.Min(1, c.cat.Stats.Common/filled)
	b.measured("dominant-value", t, c, share, share/dominant,
		"%s becomes %s by its value, and one value fills about %s %% of its rows: the most frequent result is that value; %s",
		c.at, by, figure(100*share), remedy)
}
