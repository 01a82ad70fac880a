package plan

import (
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/library"
)

// triesOf returns tries of a condition, and the last treated column that the condition reads. The condition reads the
// given columns, and at least one of them is treated. triesOf returns nil if masker cannot make values for one of the
// columns.
//
// A treated column gets results of its treatment. If the results depend on the form of the value, masker treats made-up
// values. The tries then hold these made-up values too. An untreated column gets made-up values.
func (b *builder) triesOf(t *tableState, columns []string) (tries [][]Try, last *columnState) {
	var cells []triedCells
	most := 0
	for _, name := range columns {
		c := t.column(name)
		if c == nil || !c.usable || c.cat.Generated {
			return nil, nil
		}
		made := triedOf(c)
		if len(made.after) == 0 {
			return nil, nil
		}
		if c.treated() {
			last = c
			most = max(most, len(made.after))
		}
		cells = append(cells, made)
	}
	if last == nil {
		return nil, nil
	}
	for i := range most {
		tries = append(tries, triesAt(cells, i))
	}
	return tries, last
}

// triedCells holds the values with which one column is tried.
type triedCells struct {
	column        *columnState
	before, after []Constant // before is nil if the results do not depend on the values
	values        []Constant // made-up values of the column's type
}

// triesAt returns the tries with result i of each treated column. The number of tries is the
// largest number of made-up values of an untreated column.
func triesAt(cells []triedCells, i int) (list []Try) {
	others, dependent := 1, false
	for _, made := range cells {
		if !made.column.treated() {
			others = max(others, len(made.after))
		}
		dependent = dependent || made.before != nil
	}
	for other := range others {
		var try Try
		for _, made := range cells {
			at := other
			if made.column.treated() {
				at = i
			}
			after := made.after[at%len(made.after)]
			before := after
			switch {
			case made.before != nil:
				before = made.before[at%len(made.before)]
			case made.column.treated() && len(made.values) > 0:
				before = made.values[other%len(made.values)]
			}
			try.Before, try.After = append(try.Before, before), append(try.After, after)
		}
		if !dependent {
			try.Before = nil
		}
		list = append(list, try)
	}
	return list
}

// triedOf returns the values with which a column is tried.
func triedOf(c *columnState) (made triedCells) {
	made.column = c
	constants := func(texts []string) (list []Constant) {
		for _, text := range texts {
			list = append(list, Constant{Column: c.cat.Name, Type: c.cat.Type.Name, Text: text})
		}
		return list
	}
	null := Constant{Column: c.cat.Name, Type: c.cat.Type.Name, Null: true}
	values := madeUp(c.cat.Type)
	made.values = constants(values)
	if !c.treated() {
		made.after = made.values
		if !c.cat.NotNull {
			made.after = append(made.after, null)
		}
		return made
	}
	if rows := resultRows(c); rows != nil {
		made.after = slices.Concat(rows...)
		return made
	}
	if c.use.Is("null") {
		made.after = []Constant{null}
		return made
	}
	results := library.Try(c.spec(), c.use, values)
	for i, result := range results {
		if result != nil {
			made.before = append(made.before, constants(values[i:i+1])...)
			made.after = append(made.after, constants([]string{*result})...)
		}
	}
	return made
}

// madeUp returns values of a type, in forms that are frequent. It returns nil for a domain, whose conditions masker
// does not compute, and for types that have no frequent forms.
func madeUp(t catalog.Type) (values []string) {
	if t.Domain != "" {
		return nil
	}
	switch t.Family {
	case catalog.Text:
		for _, text := range []string{
			"Anna Example", "12345", "AB-1234", "anna@example.com", "2020-01-31", "1", "a", "ABC", "Example, Anna", "12345678901",
			"+49 30 1234567", "4111 1111 1111 1111", "DE89370400440532013000", "https://example.com/a?b=c", "10.0.0.1", "12.50", "{}", "true",
		} {
			if t.MaxLen == 0 || utf8.RuneCountInString(text) <= t.MaxLen {
				values = append(values, text)
			}
		}
	case catalog.Integer:
		values = []string{"1", "2", "3", "4", "5", "7", "8", "10", "12", "16", "20", "40", "42", "50", "64", "99", "100", "256", "1000", "1024", "2020", "9999", "0"}
	case catalog.Numeric, catalog.Float:
		values = []string{"0.5", "0.25", "0", "0.75"}
		if t.Precision == 0 || t.Precision-t.Scale > 2 {
			values = append(values, "1", "2", "3", "10", "12.5", "42", "100")
		}
	case catalog.Date:
		values = []string{"2020-01-31", "1980-02-29", "1999-12-31", "2024-06-15", "2001-01-01", "1970-05-04"}
	case catalog.Timestamp, catalog.TimestampTZ:
		values = []string{"2020-01-31 12:00:00", "1980-02-29 00:00:00", "1999-12-31 23:59:59", "2024-06-15 08:30:00"}
	case catalog.Boolean:
		values = []string{"true", "false"}
	case catalog.UUID:
		values = []string{"7d444840-9dc0-11d1-b245-5ffdce74fad2"}
	case catalog.Enum:
		values = t.Labels
	case catalog.JSON:
		values = []string{"{}", "[]"}
	}
	return values
}
