package plan

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

var (
	textTypes = []string{"text", "character varying", "character", "bpchar", "name", "citext", "public.citext"}

	// A text of digits can be cast to one of the numberTypes, if the type holds so many digits. A date, a uuid or an
	// address allows only some digits.
	numberTypes = []string{"smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid"}

	// integerDigits gives for each type the largest number n for which the type holds every number of n digits.
	integerDigits = map[string]int{"smallint": 4, "integer": 9, "bigint": 18}
)

// castOf returns the outcome of a cast. A cast of a text reads its characters, so the cast fails if a treatment has
// replaced the characters of a number or a date. A cast to text gives different texts for different values. A cast of
// an array casts its elements.
func castOf(o outcome, x *sqlexpr.Expr) outcome {
	typ := strings.TrimSuffix(strings.TrimPrefix(x.Name, "pg_catalog."), "[]")
	toText := slices.Contains(textTypes, typ)
	if o.treated != nil && !o.null && o.fails == "" {
		why := "a cast to " + typ
		switch {
		case toText:
			o.unique, o.space = afterCut(o, x)
			o.text = true
			return o
		case typ == "bytea": // takes every text without a backslash
		case o.text && (typ == "json" || typ == "jsonb"):
			if o.treated.cat.Type.Family == catalog.Text && len(o.treated.use.Paths) == 0 && !o.constant {
				o.unsure, o.unique, o.space = why, false, 0
			}
		case o.text && (o.digits && slices.Contains(numberTypes, typ) || strings.Contains(typ, ".")):
			// The text may have more digits than the type holds. The different texts 07 and 7 are the same number. A
			// type that the source defines may take any text.
			o.unsure, o.unique, o.space = why, false, 0
		case o.text:
			o.fails = why
		case isColumn(x.Args[0], o.treated.cat.Name) && tooWide(o.treated, typ):
			o.unsure = why
		}
		o.unique = o.unique && keepsDifferent(o.treated.cat.Type, typ, x.Text)
		if !o.unique && !o.constant {
			o.space = 0
		}
	}
	o.text = toText
	return o
}

// afterCut says what a cast to a text type leaves of the results o: whether they stay different, and how many there can
// be. A type with a length cuts the text.
func afterCut(o outcome, x *sqlexpr.Expr) (unique bool, space float64) {
	n, cuts := limit(x)
	if max := o.treated.cat.Type.MaxLen; !cuts || max > 0 && max <= n {
		return o.unique, o.space
	}
	if o.space == 0 {
		return false, 0
	}
	return false, min(o.space, math.Pow(32, float64(n)))
}

// keepsDifferent reports whether different values of one type stay different in another type. A cast that drops a part
// of the value, such as a cast from timestamp to date, can make different values equal.
func keepsDifferent(from catalog.Type, to, modifiers string) bool {
	switch from.Family {
	case catalog.Integer:
		return slices.Contains(numberTypes, to) && modifiers == ""
	case catalog.Numeric:
		return to == "numeric" && modifiers == ""
	case catalog.Date:
		return to == "date" || strings.HasPrefix(to, "timestamp")
	case catalog.Timestamp, catalog.TimestampTZ:
		return strings.HasPrefix(to, "timestamp") && modifiers == ""
	}
	return true
}

// tooWide reports whether a number of a column can be too large for another type.
func tooWide(c *columnState, to string) bool {
	digits, limited := integerDigits[to]
	if !limited {
		return false
	}
	from := c.cat.Type
	if lo, hi, ok := rangeOf(c.use.Params); ok {
		return max(len(strconv.FormatInt(hi, 10)), len(strings.TrimPrefix(strconv.FormatInt(lo, 10), "-"))) > digits
	}
	switch from.Family {
	case catalog.Integer:
		return from.Bits > map[string]int{"smallint": 16, "integer": 32, "bigint": 64}[to]
	case catalog.Numeric:
		return from.Precision == 0 || from.Precision-from.Scale > digits
	case catalog.Float:
		return true
	}
	return false
}

// limit returns the largest number of characters that left(x, n), substr(x, 1, n), a cast to varchar(n) and the like
// leave of a text.
func limit(x *sqlexpr.Expr) (int, bool) {
	switch {
	case x.Kind == sqlexpr.Cast && slices.Contains(textTypes, strings.TrimPrefix(x.Name, "pg_catalog.")):
		n, err := strconv.Atoi(x.Text)
		return n, err == nil && n > 0
	case len(x.Args) < 2 || !x.IsCall("left", "right", "substr", "substring"):
		return 0, false
	}
	n, err := strconv.Atoi(x.Args[len(x.Args)-1].Text)
	return n, err == nil && n > 0 && (len(x.Args) == 3 || x.IsCall("left", "right"))
}

// keepsDigits reports whether a treatment replaces digits by digits, and keeps the characters between them.
func keepsDigits(u transform.Use) bool {
	if alphabet, set := u.Params["alphabet"]; u.Treatment == "permute" && set && alphabet != "format" && alphabet != "digits" {
		return false
	}
	return slices.Contains([]string{"keep", "permute", "pan", "ssn", "national_id", "imei", "imsi", "nhs_number", "routing_number"}, u.Treatment) &&
		(u.Else == nil || keepsDigits(*u.Else))
}
