package subset

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// fits returns an error if the table does not have the root's column, or if a value cannot be a value of the column. So
// masker check finds most typing errors. The other ones end the run. The error quotes no value.
func (r Root) fits(t *catalog.Table) error {
	c := t.Column(r.Column)
	if c == nil {
		names := make([]string, len(t.Columns))
		for i := range t.Columns {
			names[i] = t.Columns[i].Name
		}
		mean := spell.Mean(r.Column, names)
		if mean == "" && len(t.Keys) > 0 {
			mean = fmt.Sprintf(" (its key is %s)", quoted(t.Keys[0].Columns))
		}
		return fmt.Errorf("there is no column %s%s", catalog.Quote(r.Column), mean)
	}
	for i, value := range r.Values {
		if !possible(c.Type.Family, value) {
			return fmt.Errorf("value %d of column %s is not of type %s", i+1, catalog.Quote(c.Name), c.Type.Name)
		}
	}
	return nil
}

// integer matches every form of an integer that PostgreSQL 16 and newer accept. Older versions accept only a sign and
// decimal digits. What the server does not accept ends the run.
var integer = regexp.MustCompile(`^[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*)$`)

// possible reports whether a text can be a value of a type family. It returns true for a family that it does not check.
func possible(family catalog.Family, value string) bool {
	switch value = strings.TrimSpace(value); family {
	case catalog.Integer:
		return integer.MatchString(value)
	case catalog.Numeric, catalog.Float:
		_, err := strconv.ParseFloat(value, 64)
		return err == nil || strings.ContainsAny(value, "0123456789") && !strings.ContainsAny(value, " \t")
	case catalog.UUID:
		_, err := hex.DecodeString(strings.Trim(strings.ReplaceAll(value, "-", ""), "{}"))
		return err == nil
	}
	return true
}
