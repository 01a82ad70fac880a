// Package survey says for each column of a database what it probably holds, with the evidence of names and of a sample
// of values. The evidence quotes no value. A column without evidence is not proven harmless.
package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/discover/values"
	"github.com/masker-project/masker/pkg/plan"
)

// Survey is what is known about the columns of a database.
type Survey struct {
	Database string   `json:"database"`
	Sampled  bool     `json:"sampled"`          // values were looked at
	Columns  []Column `json:"columns"`          // in the order of tables and columns
	Unread   []Unread `json:"unread,omitempty"` // tables that could not be looked at
}

// Column is a column of a table. The columns of partitions are not listed, because they are the columns of their root.
type Column struct {
	Table   string            `json:"table"`
	Name    string            `json:"column"`
	Type    string            `json:"type"`
	Class   string            `json:"class,omitempty"`   // what it probably holds; "" if there is no evidence
	Special bool              `json:"special,omitempty"` // a special category of personal data: GDPR, articles 9 and 10
	Quasi   bool              `json:"quasi,omitempty"`   // singles out a person together with other columns
	Named   string            `json:"by_name,omitempty"` // the evidence of names, types and comments
	Values  []values.Evidence `json:"by_values,omitempty"`
	Paths   []values.Path     `json:"paths,omitempty"`   // the paths that documents of the column have
	Looked  int               `json:"looked"`            // how many values were looked at, without NULL and without documents
	AtMost  float64           `json:"at_most,omitempty"` // if nothing was found in the values: the greatest share that can hold something, at 95 %

	sketch values.Sketch
}

// Unread is a table whose values could not be looked at.
type Unread struct {
	Table string `json:"table"`
	Why   string `json:"why"`
}

// Sampler reads samples of tables.
type Sampler interface {
	// Sample calls the function each for every row of a sample, with nil for NULL. The texts are valid until the
	// function returns.
	Sample(ctx context.Context, want catalog.Sampling, each func(row [][]byte)) error
}

// ByNames surveys a database without its rows.
func ByNames(db *catalog.Database) (*Survey, error) {
	detectors, err := guess.New()
	if err != nil {
		return nil, err
	}
	guesses := detectors.Database(db)
	s := &Survey{Database: db.Name}
	for _, t := range db.Tables {
		if t.Root != nil {
			continue
		}
		for i := range t.Columns {
			c := &t.Columns[i]
			column := Column{Table: t.Name.String(), Name: c.Name, Type: c.Type.Name}
			if g := guesses.Of(t.Name, c.Name); g != nil {
				column.Class, column.Special, column.Quasi, column.Named = g.Kind, g.Special, g.Quasi, g.Why
			}
			s.Columns = append(s.Columns, column)
		}
	}
	return s, nil
}

// The limits of one sample.
const (
	characters = 4096 // of one value
	patience   = 5 * time.Second
)

// Sample looks at about the given number of rows of each table, and adds what the values say.
func (s *Survey) Sample(ctx context.Context, db *catalog.Database, from Sampler, looker *values.Looker, rows int) error {
	s.Sampled = true
	at := make(map[catalog.ColumnName]*Column, len(s.Columns))
	next := 0
	for _, t := range db.Tables {
		if t.Root != nil {
			continue
		}
		for i := range t.Columns {
			at[catalog.ColumnName{Table: t.Name, Column: t.Columns[i].Name}] = &s.Columns[next]
			next++
		}
	}
	for _, t := range db.Tables {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.Root == nil {
			s.sampleTable(ctx, t, at, from, looker, rows)
		}
	}
	s.dropOthers(db, at)
	s.carry()
	return nil
}

// carry gives a column without a class the class of another column, if at least half of the values of the first column
// are values of the other one. It carries no special category, no quasi-identifier and no class that says little about
// people.
func (s *Survey) carry() {
	var known []*Column
	index := values.NewIndex()
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Class != "" && !c.Special && !c.Quasi && !slices.Contains(plan.Unspecific(), c.Class) {
			known = append(known, c)
			index.Add(c.sketch)
		}
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Class != "" {
			continue
		}
		for _, near := range index.Near(c.sketch) {
			k := known[near]
			e, ok := values.Equal(c.sketch, k.sketch, k.Class, k.Table+"."+k.Name)
			if ok && (len(c.Values) == 0 || e.Share() > c.Values[0].Share()) {
				c.Values, c.Class, c.AtMost = []values.Evidence{e}, k.Class, 0
			}
		}
	}
}

// sampleTable looks at one table. If its rows cannot be read, the survey lists the table.
func (s *Survey) sampleTable(ctx context.Context, t *catalog.Table, at map[catalog.ColumnName]*Column, from Sampler, looker *values.Looker, rows int) {
	want := catalog.Sampling{Table: t.Name, Rows: rows, Bytes: characters, Patience: patience}
	var looks []*values.Column
	for i := range t.Columns {
		look := looker.Of(t.Columns[i].Type)
		if look == nil {
			continue
		}
		want.Columns, looks = append(want.Columns, t.Columns[i].Name), append(looks, look)
	}
	if len(looks) == 0 {
		return
	}
	err := from.Sample(ctx, want, func(row [][]byte) {
		for i, text := range row {
			if text != nil {
				looks[i].Add(text)
			}
		}
	})
	if err != nil {
		s.Unread = append(s.Unread, Unread{t.Name.String(), err.Error()})
		return
	}
	values.Beside(looks)
	for i, look := range looks {
		c := at[catalog.ColumnName{Table: t.Name, Column: want.Columns[i]}]
		c.add(look, isNumberedKey(t.Column(c.Name)))
	}
}

// isNumberedKey reports whether a column holds numbers of rows, by its name: state_id.
func isNumberedKey(c *catalog.Column) bool {
	return c.Type.Family == catalog.Integer && strings.HasSuffix(strings.ToLower(c.Name), "id")
}

// add adds what the values say. Their class replaces the class that the name gave, if it is better evidence. Values
// without evidence do not remove the class that the name gave. The numbers of a key are no evidence if they are weak
// evidence: they can have the form of postcodes.
func (c *Column) add(look *values.Column, key bool) {
	c.sketch = look.Sketch()
	c.Looked, c.Values, c.Paths = look.Looked(), look.Evidence(), look.Paths()
	c.Values = slices.DeleteFunc(c.Values, func(e values.Evidence) bool { return key && e.Weak })
	switch {
	case len(c.Values) > 0 && (c.Class == "" || c.yields(c.Values[0])):
		c.Class = c.Values[0].Class
	case len(c.Values) == 0 && c.Looked > 0:
		c.AtMost = values.AtMost(c.Looked)
	}
}

// yields reports whether evidence of values is better than the class that the name gave. Evidence that is weak, or that
// is about a part of a text or of a document, is not better, and the name is the only evidence of a special category.
// All dates look like birth dates, so the name also says what a date is.
func (c *Column) yields(e values.Evidence) bool {
	return !c.Special && !e.Weak && !e.Within && e.Path == "" && !(c.Class == "date_of_event" && e.Class == "birth_date")
}

// Tables returns the number of tables.
func (s *Survey) Tables() int {
	tables := map[string]bool{}
	for _, c := range s.Columns {
		tables[c.Table] = true
	}
	return len(tables)
}

// Suspects returns the columns with evidence: first special categories, last quasi-identifiers.
func (s *Survey) Suspects() []Column {
	var list []Column
	for _, c := range s.Columns {
		if c.Class != "" {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Column) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

func rank(c Column) int {
	switch {
	case c.Special:
		return 0
	case c.Quasi:
		return 2
	}
	return 1
}

// Evidence returns the evidence about a column in words.
func (c Column) Evidence() (words []string) {
	if c.Named != "" {
		words = append(words, c.Named)
	}
	for _, e := range c.Values {
		path := ""
		if e.Path != "" {
			path = e.Class + ": "
		}
		words = append(words, path+e.String())
	}
	if c.AtMost > 0 {
		words = append(words, fmt.Sprintf("none of %d values has a known form: at most %.1f %% of all have one, at 95 %%", c.Looked, 100*c.AtMost))
	}
	return words
}

// Seen returns what the values of columns have shown. The argument db is the database of the survey.
func (s *Survey) Seen(db *catalog.Database) map[catalog.ColumnName]guess.Seen {
	seen, next := map[catalog.ColumnName]guess.Seen{}, 0
	for _, t := range db.Tables {
		if t.Root != nil {
			continue
		}
		for i := range t.Columns {
			c := &s.Columns[next]
			next++
			var shown guess.Seen
			var parts []string
			for _, e := range c.Values {
				parts = append(parts, e.Class+": "+e.String())
				if shown.Kind == "" && e.Class == c.Class && !e.Weak && !e.Within && e.Path == "" {
					shown.Kind, shown.Why = e.Class, e.String()
				}
			}
			if len(c.Paths) > 0 {
				parts = append(parts, "paths "+c.PathText())
			}
			if shown.Note = strings.Join(parts, "; "); shown.Note != "" {
				seen[catalog.ColumnName{Table: t.Name, Column: t.Columns[i].Name}] = shown
			}
		}
	}
	return seen
}
