package values

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// field is a field of a composite, or of a line of CSV.
type field struct {
	name   string
	column *Column // nil if values of the field's type say nothing
}

// composite returns an empty collection for a composite type, or nil if the values of all its fields say nothing.
func (l *Looker) composite(t catalog.Type) *Column {
	c, some := l.Column(catalog.Composite), false
	for _, f := range t.Fields {
		column := l.Of(f.Type)
		some = some || column != nil
		c.fields = append(c.fields, field{f.Name, column})
	}
	if !some {
		return nil
	}
	return c
}

// composite looks at the fields of a composite as PostgreSQL prints it: (1,,"a ""b"""). A field that is NULL is empty.
func (c *Column) composite(text []byte) {
	text, open := bytes.CutPrefix(text, []byte("("))
	text, closed := bytes.CutSuffix(text, []byte(")"))
	if !open || !closed {
		return
	}
	c.looked++
	for i := 0; i < len(c.fields); i++ {
		end := fieldEnd(text)
		if column := c.fields[i].column; column != nil && end > 0 {
			split(text[:end], "", func(value []byte, _ bool) { column.Add(value) })
		}
		if end == len(text) {
			return
		}
		text = text[end+1:]
	}
}

// fieldEnd returns where the first field of a composite's text ends: at a comma outside quotes, or at the end of the text.
func fieldEnd(text []byte) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return i
		}
	}
	return len(text)
}

// evidenceOf returns the evidence about fields. Its paths begin with $ and the name of the field: $.mail.
func evidenceOf(fields []field) (all []Evidence) {
	var columns []*Column
	for _, f := range fields {
		if f.column != nil {
			columns = append(columns, f.column)
		}
	}
	Beside(columns)
	for _, f := range fields {
		if f.column == nil {
			continue
		}
		name := f.name
		if !ordinary.MatchString(name) && strings.Trim(name, "0123456789") != "" {
			name = hidden
		}
		for _, e := range f.column.Evidence() {
			e.Path = "$." + name + strings.TrimPrefix(e.Path, "$")
			all = append(all, e)
		}
	}
	return all
}

// sheet holds the fields of texts that are lines of CSV. The first text with several lines, or with one line of at
// least three fields, says how many fields the texts have.
type sheet struct {
	comma  rune
	fields []field
	fit    int // texts with these fields
	other  int // other texts
	off    bool
}

// givesUp limits the look at a sheet. The look ends when the texts that do not fit outnumber the
// fitting texts by more than givesUp.
const givesUp = 10

// add looks at a text of column c.
func (s *sheet) add(c *Column, text []byte) {
	if s.off || c.typed || c.tree == nil {
		return
	}
	for _, comma := range ",;\t|" {
		if s.comma != 0 && s.comma != comma || bytes.IndexByte(text, byte(comma)) < 0 {
			continue
		}
		if s.read(c.looker, text, comma) {
			s.fit++
			return
		}
	}
	s.other++
	s.off = s.other > s.fit+givesUp
}

// read reads a text with this comma, and reports whether it has the fields of the sheet.
func (s *sheet) read(l *Looker, text []byte, comma rune) bool {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	lines, err := r.ReadAll()
	if err != nil || len(lines) == 0 {
		return false
	}
	n := len(lines[0])
	if s.comma == 0 && (n >= 3 || n == 2 && len(lines) > 1) {
		s.comma = comma
		for i := range n {
			f := field{strconv.Itoa(i + 1), l.Column(catalog.Text)}
			f.column.sheet.off = true
			s.fields = append(s.fields, f)
		}
	}
	if s.comma != comma || n != len(s.fields) {
		return false
	}
	for _, line := range lines {
		for i, value := range line {
			s.fields[i].column.text([]byte(value))
		}
	}
	return true
}

// evidence returns what the fields hold, if most of the looked texts have them. The argument own is the evidence about the
// whole texts. An address in one line is no CSV.
func (s *sheet) evidence(looked int, own []Evidence) []Evidence {
	if s.fit < few || float64(s.fit) < nearly*float64(looked) {
		return nil
	}
	for _, e := range own {
		if e.Class == "address" || e.Class == "street" {
			return nil
		}
	}
	return evidenceOf(s.fields)
}
