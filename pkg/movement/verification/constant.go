package verification

import (
	"regexp"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// written matches a default that is one constant, as PostgreSQL prints it: 'text'::character varying, 5, '-5'::integer.
var written = regexp.MustCompile(`^(?:'((?:[^']|'')*)'(?:::[^'():]+(?:\([0-9, ]*\))?)?|\(?(-?[0-9.]+)\)?)$`)

// constant returns the default of a column of the source if the default is one constant. Otherwise it returns "".
func (v *verification) constant(table catalog.Name, column string) string {
	if v.Source == nil {
		return ""
	}
	t := v.Source.Table(table)
	if t == nil {
		return ""
	}
	if c := t.Column(column); c != nil && !c.Generated {
		return constantOf(c.Default)
	}
	return ""
}

// constantOf returns the value of an expression that is one constant. Otherwise it returns "".
func constantOf(expression string) string {
	m := written.FindStringSubmatch(expression)
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "''", "'") + m[2]
}
