package plan

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/sqlexpr"
)

// group is a list of leaf partitions to which a row can belong if only one of its columns changes. The value of this
// column decides to which of them the row belongs.
type group []leaf

// leaf is the condition of one leaf partition.
type leaf struct {
	rest    []string      // the conditions that do not read the column
	from    *sqlexpr.Expr // column >= value
	to      *sqlexpr.Expr // column < value
	values  []string      // column = one of these values
	listed  bool          // takes only the values in the field values, and NULL if null is true
	others  *sqlexpr.Expr // for a default partition: the condition of all its neighbours. The default partition takes the values that its neighbours do not take
	opaque  bool          // masker does not understand the condition on the column
	null    bool          // takes NULL, as a listed value
	notNull bool          // refuses NULL
}

// wholeHashes says of each table that is partitioned by hash whether its partitions together take every row. The keys
// of the result are the OIDs of these tables.
func wholeHashes(bounds [][]*sqlexpr.Expr) map[string]bool {
	seen, share := map[string]bool{}, map[string]*big.Rat{}
	for _, list := range bounds {
		for _, x := range list {
			oid, rest, modulus := hashOf(x)
			if modulus == nil || seen[oid+rest] {
				continue
			}
			seen[oid+rest] = true
			if share[oid] == nil {
				share[oid] = new(big.Rat)
			}
			share[oid].Add(share[oid], new(big.Rat).Inv(modulus))
		}
	}
	whole := map[string]bool{}
	for oid, sum := range share {
		whole[oid] = sum.Cmp(big.NewRat(1, 1)) == 0
	}
	return whole
}

// hashOf reads the condition of a partition by hash. The result rest is the text of the condition without the table's
// OID. If partitions of two tables take the same rows, their texts are the same.
func hashOf(x *sqlexpr.Expr) (oid, rest string, modulus *big.Rat) {
	if !x.IsCall("satisfies_hash_partition") || len(x.Args) < 4 {
		return "", "", nil
	}
	m, ok := literalNumber(x.Args[1])
	if !ok || m.Sign() <= 0 {
		return "", "", nil
	}
	texts := []string{}
	for _, a := range x.Args[1:] {
		texts = append(texts, textOf(a))
	}
	return withoutCasts(x.Args[0]).Text, "hash " + strings.Join(texts, " "), m
}

// leafOf reads the conditions of one leaf partition.
func leafOf(list []*sqlexpr.Expr, column string, whole map[string]bool) (l leaf) {
	for _, x := range list {
		oid, rest, _ := hashOf(x)
		mine := readsColumn(x, column)
		switch {
		case whole[oid]:
		case mine && x.IsOperator("is not null") && !isColumn(x.Args[0], column): // the expression has a value for every result
		case mine:
			l.read(x, column)
		case rest != "":
			l.rest = append(l.rest, rest)
		default:
			l.rest = append(l.rest, textOf(x))
		}
	}
	return l
}

// read reads a condition that the partition has on the column.
func (l *leaf) read(x *sqlexpr.Expr, column string) {
	own := len(x.Args) > 0 && isColumn(x.Args[0], column)
	switch {
	case x.IsOperator("and"):
		for _, a := range x.Args {
			l.read(a, column)
		}
	case x.IsOperator("or") && len(x.Args) == 2 && testsNull(x.Args[0], column):
		l.null = true
		l.read(x.Args[1], column)
	case testsNull(x, column):
		l.null, l.listed = true, true
	case x.IsOperator("is not null") && own:
		l.notNull = true
	case x.IsOperator(">=") && own && l.from == nil:
		l.from = x
	case x.IsOperator("<") && own && l.to == nil:
		l.to = x
	case listedIn(x, column) > 0 && !l.listed:
		l.listed = true
		value := withoutCasts(x.Args[1])
		if value.Kind == sqlexpr.Literal {
			l.values = []string{textOf(value)}
			break
		}
		for _, v := range withoutCasts(value.Args[0]).Args {
			l.values = append(l.values, textOf(withoutCasts(v)))
		}
	case x.IsOperator("not") && l.others == nil:
		l.others = x.Args[0]
	default:
		l.opaque = true
	}
}

// covers returns what a group takes. If all is true, the group takes every value of the column. If one is true, it
// takes every value of one range. The results from and to are the comparisons with the two ends of this range.
func (g group) covers() (all bool, from, to *sqlexpr.Expr, one bool) {
	next, ends := map[string]*sqlexpr.Expr{}, map[string]bool{} // next: the upper end of each range, by its lower end
	var ranges []leaf
	for _, l := range g {
		switch {
		case l.opaque || l.listed || l.others != nil:
		case l.from == nil && l.to == nil:
			return true, nil, nil, true
		default:
			ranges = append(ranges, l)
			next[endOf(l.from)], ends[endOf(l.to)] = l.to, true
		}
	}
	if slices.ContainsFunc(g, func(l leaf) bool { return l.others != nil && !l.opaque && g.takesParts(l.others, next) }) {
		return true, nil, nil, true
	}
	if slices.ContainsFunc(g, func(l leaf) bool { return l.others != nil }) {
		return false, nil, nil, false
	}
	i := slices.IndexFunc(ranges, func(l leaf) bool { return l.from == nil || !ends[endOf(l.from)] })
	if i < 0 {
		return false, nil, nil, false
	}
	from, to = ranges[i].from, ranges[i].to
	steps := 1
	for to != nil {
		further, ok := next[endOf(to)]
		if !ok {
			break
		}
		to, steps = further, steps+1
	}
	return from == nil && to == nil, from, to, steps == len(next)
}

// takesParts reports whether the group takes every value that the neighbours of a default partition take. If the
// default partition is also in the group, the group takes every value.
func (g group) takesParts(x *sqlexpr.Expr, next map[string]*sqlexpr.Expr) bool {
	parts := conditions(x)
	if len(parts) > 0 && parts[0].IsOperator("is not null") {
		parts = parts[1:]
	}
	if len(parts) != 1 {
		parts = []*sqlexpr.Expr{{Kind: sqlexpr.Operator, Name: "and", Args: parts}}
	}
	alternatives := parts
	if parts[0].IsOperator("or") {
		alternatives = parts[0].Args
	}
	for _, a := range alternatives {
		var l leaf
		l.read(a, columnIn(a))
		listed := func(v string) bool {
			return slices.ContainsFunc(g, func(o leaf) bool { return slices.Contains(o.values, v) })
		}
		switch {
		case l.opaque || l.others != nil:
			return false
		case l.listed:
			if slices.ContainsFunc(l.values, func(v string) bool { return !listed(v) }) {
				return false
			}
		case !reaches(next, l.from, l.to):
			return false
		}
	}
	return true
}

// reaches reports whether ranges cover everything between two ends without a gap.
func reaches(next map[string]*sqlexpr.Expr, from, to *sqlexpr.Expr) bool {
	at := from
	for range len(next) {
		further, ok := next[endOf(at)]
		if !ok {
			return false
		}
		if endOf(further) == endOf(to) {
			return true
		}
		if further == nil {
			return false
		}
		at = further
	}
	return false
}

func (g group) takesNull() bool {
	return slices.ContainsFunc(g, func(l leaf) bool {
		free := l.from == nil && l.to == nil && !l.listed && l.others == nil
		return !l.opaque && !l.notNull && (l.null || free || l.others != nil && !hasNull(l.others))
	})
}

// hasNull reports whether a condition has a test for NULL.
func hasNull(x *sqlexpr.Expr) (has bool) {
	x.Walk(func(n *sqlexpr.Expr) { has = has || n.IsOperator("is null") })
	return has
}

func readsColumn(x *sqlexpr.Expr, column string) (reads bool) {
	x.Walk(func(n *sqlexpr.Expr) { reads = reads || n.Kind == sqlexpr.Column && n.Name == column })
	return reads
}

// columnIn returns the first column that an expression reads.
func columnIn(x *sqlexpr.Expr) (column string) {
	x.Walk(func(n *sqlexpr.Expr) {
		if n.Kind == sqlexpr.Column && column == "" {
			column = n.Name
		}
	})
	return column
}

// endOf returns a text for the end of a range. Two ends with the same value have the same text. The text is "" if there
// is no end.
func endOf(x *sqlexpr.Expr) string {
	if x == nil {
		return ""
	}
	end := x.Args[1]
	if end.Kind == sqlexpr.Cast && slices.Contains(textTypes, end.Name) {
		return textOf(withoutCasts(end))
	}
	if n, ok := literalNumber(end); ok {
		return n.RatString()
	}
	if at, ok := literalDate(end); ok {
		return at.String()
	}
	return textOf(withoutCasts(end))
}

// textOf returns a text for an expression. Two expressions have the same text only if they are equal.
func textOf(x *sqlexpr.Expr) string {
	if x.Name == "TRUE" || x.Name == "FALSE" {
		return textOf(&sqlexpr.Expr{Kind: sqlexpr.Literal, Text: strings.ToLower(x.Name[:1])})
	}
	text := fmt.Sprintf("%d %q %q", x.Kind, x.Name, x.Text)
	for _, a := range x.Args {
		text += "(" + textOf(a) + ")"
	}
	return text
}
