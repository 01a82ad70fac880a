package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

// countsNulls returns the outcome of a condition that compares num_nonnulls(…) or num_nulls(…) with a number. Such a
// condition depends only on which arguments are NULL. The result ok is false for any other condition. It is also false
// if a treatment other than null may turn a value into NULL, or NULL into a value.
func (e evaluator) countsNulls(x *sqlexpr.Expr) (o outcome, ok bool) {
	if !x.IsOperator("=", "<", "<=", ">", ">=") || len(x.Args) != 2 || !x.Args[0].IsCall("num_nonnulls", "num_nulls") {
		return outcome{}, false
	}
	n, ok := literalNumber(x.Args[1])
	if !ok || !n.IsInt() {
		return outcome{}, false
	}
	var gone *columnState // a column that becomes NULL
	least, most := 0, 0   // how many arguments have a value in a row of the target
	for _, arg := range x.Args[0].Args {
		switch a := e.of(arg); {
		case a.fails != "" || a.unsure != "" || a.treated != nil && !a.null && !a.sameNull:
			return outcome{}, false
		case a.null:
			gone = a.treated
		case e.alwaysHasValue(arg):
			least, most = least+1, most+1
		default:
			most++
		}
	}
	if gone == nil {
		return outcome{}, true
	}
	op, total := x.Name, len(x.Args[0].Args)
	if x.Args[0].IsCall("num_nulls") {
		least, most = total-most, total-least
	}
	holds := func(count int) bool {
		switch c := int(n.Num().Int64()) - count; op {
		case "=":
			return c == 0
		case "<":
			return c > 0
		case "<=":
			return c >= 0
		case ">":
			return c < 0
		default:
			return c <= 0
		}
	}
	some, all := false, true
	for count := least; count <= most; count++ {
		some, all = some || holds(count), all && holds(count)
	}
	nulls := x.Args[0].IsCall("num_nulls")
	switch {
	case all || !some:
		return outcome{treated: gone, truth: &all, constant: true}, true
	case op == "=":
		return outcome{treated: gone, lost: true}, true
	case nulls == slices.Contains([]string{">", ">="}, op): // more NULLs cannot make the condition false
		return outcome{}, true
	}
	return outcome{treated: gone}, true
}

// alwaysHasValue reports whether an expression is a column that is never NULL.
func (e evaluator) alwaysHasValue(x *sqlexpr.Expr) bool {
	c := e.t.column(x.Name)
	return x.Kind == sqlexpr.Column && c != nil && c.cat.NotNull
}

// Some keys allow NULL only once (NULLS NOT DISTINCT). refuseNulls refuses a treatment of a column of such a key if it
// gives NULL in some rows. It returns true if it has refused the treatment. It accepts a treatment that gives NULL in
// every row: the method key then counts one result.
func (b *builder) refuseNulls(t *tableState, k catalog.Key, c *columnState) bool {
	if c.use.Is("null") || !givesNull(&c.use) {
		return false
	}
	b.fail(c.pos, "%s is in %s, which is NULLS NOT DISTINCT, and %s gives NULL in some rows: two of them would be equal; use %s in these rows%s",
		c.at, keyName(k), describe(c.use), strings.TrimSuffix(uniqueInstead(c), ", or null"), leaveOut(b.objectName(t, k.Name)))
	return true
}

// givesNull reports whether a use, or its use for other rows, gives NULL for some value.
func givesNull(u *transform.Use) bool {
	for ; u != nil; u = u.Else {
		if u.Treatment == "null" || u.Params["special"] == "null" {
			return true
		}
	}
	return false
}
