package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// maxCollisions is a limit. A plan is refused if the expected number of collisions on a unique key reaches it. With
// 0.001, one refresh in a thousand fails by chance: a nightly job fails about once in three years.
const maxCollisions = 0.001

// keys checks that unique keys stay unique.
func (b *builder) keys() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		all := b.keysOf(t)
		for _, k := range all {
			if implied(t, k, all) {
				b.computesKey(t, k)
			} else {
				b.key(t, k)
			}
		}
	}
}

// partitions returns the partitions of a table at all depths.
func (b *builder) partitions(t *tableState) []*catalog.Table {
	return slices.Clip(b.parts[t.cat.Name]) // callers append to it
}

// keysOf returns the keys of a table and of its partitions, without the keys that the rules leave out.
func (b *builder) keysOf(t *tableState) []catalog.Key {
	return eachOnce(b, t, b.presentKeys, sameKey)
}

// eachOnce returns the parts of a table and of its partitions, such as their keys. If several parts are the same, it
// returns the first.
func eachOnce[T any](b *builder, t *tableState, of func(*catalog.Table) []T, same func(x, y T) bool) []T {
	list := slices.Clone(of(t.cat))
	for _, part := range b.partitions(t) {
		for _, x := range of(part) {
			if !slices.ContainsFunc(list, func(h T) bool { return same(h, x) }) {
				list = append(list, x)
			}
		}
	}
	return list
}

func sameKey(a, b catalog.Key) bool {
	return slices.Equal(a.Columns, b.Columns) && slices.Equal(a.Members, b.Members) && a.Predicate == b.Predicate
}

// implied reports whether key k stays unique because another key stays unique. All columns of the other key are
// columns of k.
func implied(t *tableState, k catalog.Key, all []catalog.Key) bool {
	for _, o := range all {
		if o.Predicate != "" || len(o.Members) > 0 || len(o.Columns) == 0 || len(k.Members) == 0 && len(o.Columns) >= len(k.Columns) {
			continue
		}
		safe := true
		for _, name := range o.Columns {
			c := t.column(name)
			member := slices.Contains(k.Columns, name)
			if len(k.Members) > 0 { // a column inside an expression does not count
				member = slices.Contains(k.Members, catalog.Quote(name))
			}
			safe = safe && member && c != nil && c.usable && c.traits.Unique && c.cat.NotNull
		}
		if safe {
			return true
		}
	}
	return false
}

// key checks that the results in one unique key stay unique. Either every treatment gives different values different
// results, or the expected number of collisions is below maxCollisions.
func (b *builder) key(t *tableState, k catalog.Key) {
	if !t.fit(k.Columns) || !b.holdsUnder(t, k) {
		return
	}
	if len(k.Members) > 0 || t.anyGenerated(k.Columns) {
		b.computedKey(t, k)
		return
	}
	var lossy []*columnState
	space := 1.0 // the number of different results the key can have
	for _, name := range k.Columns {
		c := t.column(name)
		if k.NullsNotDistinct && b.refuseNulls(t, k, c) {
			return
		}
		if c.traits.Unique && !(k.NullsNotDistinct && c.use.Is("null")) {
			space *= max(1, b.distinct(t, c))
			continue
		}
		lossy = append(lossy, c)
		space *= max(1, resultSpace(c))
	}
	if len(lossy) > 0 {
		b.collisions(t, k, lossy, space)
	}
}

// collisions compares the number of values in a key with the number of possible results. If each of n values gets one
// of m results at random, n²/2m collisions are expected (the birthday bound). This bound does not hold for a treatment
// that leaves a part of each value. Its results are not random: two values with the same part may get the same result,
// and the statistics do not tell how many such values there are.
func (b *builder) collisions(t *tableState, k catalog.Key, lossy []*columnState, space float64) {
	c := lossy[0]
	n := b.rows(t)
	if len(k.Columns) == 1 {
		n = b.distinct(t, c)
	}
	expected := n * n / (2 * space)
	if resultSpace(c) > 1 && expected < maxCollisions {
		if leavesPart(&c.use) {
			b.addFinding("collisions-unknown", t, c.cat.Name, c.pos, "%s is in %s and %s leaves a part of each value: two values whose parts are equal stop the refresh, and the statistics do not tell whether there are any; use %s",
				c.at, keyName(k), describe(c.use), uniqueInstead(c))
		}
		return
	}
	if resultSpace(c) <= 1 && len(c.use.Paths) > 0 {
		b.fail(c.pos, "%s is in %s, but %s gives values that differ only in a part the same result; use %s%s", c.at, keyName(k), describe(c.use),
			uniqueInstead(c), leaveOut(b.objectName(t, k.Name)))
		return
	}
	if resultSpace(c) <= 1 {
		b.fail(c.pos, "%s is in %s, but %s gives every row the same value; use %s", c.at, keyName(k), describe(c.use), uniqueInstead(c))
		return
	}
	b.fail(c.pos, "%s is in %s, but %s has only %s different results: %s collisions expected among %s values; use %s",
		c.at, keyName(k), describe(c.use), figure(resultSpace(c)), figure(expected), figure(n), uniqueInstead(c))
}

// leavesPart reports whether results are made from parts of the values, and not chosen at random. It looks at a use and
// at the uses for its other rows (Else).
func leavesPart(u *transform.Use) bool {
	for ; u != nil; u = u.Else {
		if slices.Contains([]string{"mask", "truncate", "regex", "noise", "shift"}, u.Treatment) || strings.HasPrefix(u.Treatment, "generalize.") {
			return true
		}
	}
	return false
}

// resultSpace returns the number of different results of a treatment that may give two values one result.
func resultSpace(c *columnState) float64 {
	if c.use.Is("null") {
		return 1
	}
	return c.traits.Space
}

func keyName(k catalog.Key) string {
	kind := "unique key "
	if k.Primary {
		kind = "primary key "
	}
	name := kind + catalog.Quote(k.Name)
	if len(k.Columns) < 2 {
		return name
	}
	return name + " (" + strings.Join(catalog.QuoteAll(k.Columns), ", ") + ")"
}

// uniqueInstead names treatments that give different values of the column's type different results.
func uniqueInstead(c *columnState) string {
	switch c.cat.Type.Family {
	case catalog.Text, catalog.UUID:
		if tooShortForToken(c.cat.Type) {
			return nullToo(c, "permute")
		}
		return nullToo(c, "token")
	case catalog.Integer, catalog.Numeric:
		return nullToo(c, "token with a range")
	}
	return nullToo(c, "keep with a reason")
}

func nullToo(c *columnState, what string) string {
	if c.cat.NotNull {
		return what
	}
	return what + ", or null"
}

// rows estimates the number of rows of a table, including its partitions.
func (b *builder) rows(t *tableState) float64 {
	if !t.cat.Partitioned {
		return rowsOf(t.cat)
	}
	sum := 0.0
	for _, part := range b.partitions(t) {
		if !part.Partitioned {
			sum += rowsOf(part)
		}
	}
	return sum
}

// rowsOf estimates the number of rows of one table. For a table that was never analysed it assumes a hundred rows per
// page. Most tables have fewer rows, so the number of collisions is rarely underestimated.
func rowsOf(t *catalog.Table) float64 {
	if t.Size.Rows >= 0 {
		return float64(t.Size.Rows)
	}
	return float64(t.Size.Pages) * 100
}

// distinct estimates the number of different values in a column. Without statistics it is the number of rows.
func (b *builder) distinct(t *tableState, c *columnState) float64 {
	rows := b.rows(t)
	switch d := c.cat.Stats.Distinct; {
	case d > 0:
		return min(d, math.Max(rows, d))
	case d < 0:
		return -d * rows
	}
	return rows
}

// figure formats a number for a message: a whole number from 10 upwards, and two significant digits below 10.
func figure(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x < 0:
		return "-" + figure(-x)
	case x >= 1000 && x < 1e15:
		return spell.Number(int64(math.Round(x)))
	case x >= 10:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2g", x)
}
