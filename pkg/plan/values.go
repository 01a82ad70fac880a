package plan

import (
	"fmt"
	"math"
	"slices"

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
			if c.treated() && !t.allDiffer(c) {
				by = byValue(&c.use)
			}
			switch {
			case by != "" && (holdsBoolean(&c.cat.Type) || insideBoolean(&c.use)):
				b.booleanByValue(t, c, by)
			case by != "" && (b.needStatistics(t, c) || c.cat.Type.Family == catalog.Enum):
				b.countValues(t, c, by, 1)
			case c.treated() && by == "":
				b.withoutSubject(t, c)
			}
		}
	}
}

// notByValue lists the treatments whose results do not show a rare value by its frequency. Such a
// treatment gives only one result, or its label already says which part of the value it shows. For
// every treatment that is not in the list, masker assumes that equal values get equal results.
var notByValue = []string{
	"keep", "null", "constant", "redact", "truncate", "regex", "expr", "scrub", "command",
	"generalize.number", "generalize.age", "generalize.date", "generalize.postcode", "generalize.ip", "generalize.geo",
	"json", "hstore", "fields", "xml", "csv",
}

// byValue returns the name of a treatment whose result depends on the value alone. It looks at a use, at the uses for
// other rows (Else), and at the uses of parts of the value. It returns "" if there is no such treatment, because the
// row's subject decides the result, or because notByValue lists the treatment.
func byValue(u *transform.Use) string {
	for ; u != nil; u = u.Else {
		if u.Subject == "" && !slices.Contains(notByValue, u.Treatment) {
			return u.Treatment
		}
		for i := range u.Paths {
			if by := byValue(&u.Paths[i].Use); by != "" {
				return by
			}
		}
	}
	return ""
}

// holdsBoolean reports whether a type is boolean, or an array of booleans.
func holdsBoolean(t *catalog.Type) bool {
	return t.Family == catalog.Boolean || t.Family == catalog.Array && t.Elem != nil && holdsBoolean(t.Elem)
}

// insideBoolean reports whether a part of a value becomes fake.boolean by its value.
func insideBoolean(u *transform.Use) bool {
	for ; u != nil; u = u.Else {
		for i := range u.Paths {
			p := &u.Paths[i].Use
			if p.Treatment == "fake.boolean" && p.Subject == "" || insideBoolean(p) {
				return true
			}
		}
	}
	return false
}

// withoutSubject counts the values of a column in rows that have no subject. In these rows, the result depends on the
// value.
func (b *builder) withoutSubject(t *tableState, c *columnState) {
	for u := &c.use; u != nil; u = u.Else {
		if s := t.column(u.Subject); s != nil && s.cat.Stats.Nulls > 0 && b.needStatistics(t, c) {
			b.countValues(t, c, u.Treatment, s.cat.Stats.Nulls)
			return
		}
	}
}

// booleanByValue refuses a boolean whose result depends on its own value. A waiver of the rules can accept it. Such a
// column has at most two results: the values stay, or are exchanged, or become one value.
func (b *builder) booleanByValue(t *tableState, c *columnState, by string) {
	const text = "%s becomes %s by its value: all rows with true get one result, and all with false get one, so the column stays as it is, is inverted as a whole, or gets one value; give the table a subject and use `as`, or use null"
	if b.waives(byBoolean, t, c.cat.Name) {
		b.addFinding(byBoolean, t, c.cat.Name, c.pos, text, c.at, by)
		return
	}
	b.fail(c.pos, text+"; or waive %s", c.at, by, byBoolean)
}

// countValues measures how many different values a column has, and how frequent the most frequent value is. The
// argument part is the share of the rows whose result depends on the value.
func (b *builder) countValues(t *tableState, c *columnState, by string, part float64) {
	remedy, where := "give the table a subject and use `as`, or use generalize or null", ""
	if part < 1 {
		remedy, where = "use generalize or null", fmt.Sprintf(" in rows without a subject (about %s %%)", figure(100*part))
	}
	filled := 1 - c.cat.Stats.Nulls
	rows := b.rows(t) * filled * part
	if rows < fewestRows {
		return
	}
	n := max(1, b.distinct(t, c))
	if c.cat.Type.Family == catalog.Enum { // the type itself limits the values, whatever the statistics say
		n = min(n, float64(len(c.cat.Type.Labels)))
	}
	few := min(fewValues/n, rows/(rowsOfValue*n))
	b.measured("few-values", t, c, n, few,
		"%s becomes %s by its value%s and has about %s in %s rows: equal values get equal results, so how often a result occurs tells which value it was; %s",
		c.at, by, where, differentValues(n), figure(rows), remedy)
	if few >= 1 || c.cat.Stats.Common == 0 || hasParts(c.cat.Type.Family) { // in arrays and documents, this value is often empty
		return
	}
	share := math.Min(1, c.cat.Stats.Common/filled)
	b.measured("dominant-value", t, c, share, share/dominant,
		"%s becomes %s by its value%s, and one value fills about %s %% of its rows: the most frequent result is that value; %s",
		c.at, by, where, figure(100*share), remedy)
}

// differentValues says in words how many different values there are.
func differentValues(n float64) string {
	if text := figure(n); text != "1" {
		return text + " different values"
	}
	return "1 value"
}

func hasParts(f catalog.Family) bool {
	switch f {
	case catalog.Array, catalog.Composite, catalog.Multirange, catalog.JSON, catalog.Hstore, catalog.XML:
		return true
	}
	return false
}
