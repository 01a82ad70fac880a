// Package subset selects a part of a database that is closed under references: with every row, the subset has the rows
// that it references. The package decides which rows to look for, and its caller looks for them. It opens nothing.
//
// A selection begins with the rows of the roots. Rows that a rule for children brings are chosen like roots. Rows that
// are in the subset only because another row references them are needed. Needed rows bring their own parents, but no
// children, unless a rule says so. No other row is in the subset. The result does not depend on the order in which rows
// are found.
package subset

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqltext"
)

// Definition says which rows a subset has.
type Definition struct {
	Roots    []Root
	Children []Children
	Exclude  []Exclusion
}

// Root is rows from which the selection begins. All, Key, Percent and Where are four ways to say which. Percent and Where
// may stand together.
type Root struct {
	Table   catalog.Name
	All     bool     // the whole table
	Column  string   // rows whose column has one of the values
	Values  []string //
	Where   string   // rows that meet a condition, as SQL
	Percent float64  // this share of the rows, which the flow's key chooses by the hash of the table's key
	Limit   int      // at most so many rows, the first ones in the order of the table's key. 0 means no limit
}

// Children is a rule that brings the children of rows.
type Children struct {
	Table catalog.Name // the children's table. The zero Name means every table that no other rule names
	Via   []string     // the columns of one reference. If there are none, the rule is for every reference of the table
	Limit int          // at most so many children for each parent, the first ones in the order of their key. 0 means no limit
	Every bool         // children of every parent in the subset, not only of roots and of other children
}

// Exclusion is rows that must not be in the subset. If a row of the subset references one, there is no such subset.
type Exclusion struct {
	Table catalog.Name
	Where string // "" for the whole table
}

// Policy returns the definition as texts for a reviewer, by the name of the setting. Different definitions have different
// texts.
func (d *Definition) Policy() map[string]string {
	return d.texts(Root.policy, func(e Exclusion) string { return e.Table.String() + where(e.Where) })
}

// Summary returns the definition as texts without keys and conditions, which may quote data. A record of a movement has
// these texts, and goes where the target goes.
func (d *Definition) Summary() map[string]string {
	return d.texts(Root.String, func(e Exclusion) string {
		if e.Where == "" {
			return e.Table.String()
		}
		return e.Table.String() + " by condition"
	})
}

func (d *Definition) texts(root func(Root) string, exclusion func(Exclusion) string) map[string]string {
	texts := map[string]string{}
	add := func(name, text string) {
		if texts[name] != "" {
			text = texts[name] + "; " + text
		}
		texts[name] = text
	}
	for _, r := range d.Roots {
		add("subset.roots", root(r))
	}
	for _, c := range d.Children {
		add("subset.children", c.String())
	}
	for _, e := range d.Exclude {
		add("subset.exclude", exclusion(e))
	}
	return texts
}

// String describes the root without its key and its condition, which may quote data.
func (r Root) String() string {
	text := r.Table.String()
	if r.All {
		text += " all"
	}
	if r.Column != "" {
		text += " by key " + catalog.Quote(r.Column)
	}
	if r.Where != "" {
		text += " by condition"
	}
	return text + r.share()
}

// policy describes the root completely.
func (r Root) policy() string {
	text := r.Table.String()
	if r.All {
		text += " all"
	}
	if r.Column != "" {
		text += fmt.Sprintf(" key %s=%q", catalog.Quote(r.Column), r.Values)
	}
	return text + where(r.Where) + r.share()
}

func (r Root) share() (text string) {
	if r.Percent > 0 {
		text = " percent " + strconv.FormatFloat(r.Percent, 'g', -1, 64)
	}
	return text + limit(r.Limit)
}

// String describes the rule.
func (c Children) String() string {
	text := "*"
	if c.Table != (catalog.Name{}) {
		text = c.Table.String()
	}
	if len(c.Via) > 0 {
		text += fmt.Sprintf(" via %q", c.Via)
	}
	if c.Every {
		text += " of every row"
	}
	return text + limit(c.Limit)
}

func where(condition string) string {
	if condition == "" {
		return ""
	}
	return fmt.Sprintf(" where %q", condition)
}

func limit(n int) string {
	if n == 0 {
		return ""
	}
	return " limit " + strconv.Itoa(n)
}

// ParseKey reads COLUMN=VALUE,VALUE. A value that contains a comma has to be given by a condition.
func ParseKey(text string) (column string, values []string, err error) {
	left, right, ok := strings.Cut(text, "=")
	idents, bad := catalog.ParseIdents(strings.TrimSpace(left))
	if !ok || bad != nil || len(idents) != 1 || strings.TrimSpace(right) == "" {
		return "", nil, fmt.Errorf("want COLUMN=VALUE,VALUE, such as id=42,77")
	}
	for value := range strings.SplitSeq(right, ",") {
		values = append(values, strings.TrimSpace(value))
	}
	return idents[0], values, nil
}

// Check returns what is wrong with the definition as far as that does not depend on a schema. Its errors quote no condition.
func (d *Definition) Check() error {
	if len(d.Roots) == 0 {
		return fmt.Errorf("subset: there are no roots; name at least one table under roots")
	}
	for _, r := range d.Roots {
		if err := r.check(); err != nil {
			return fmt.Errorf("subset: root %s: %w", r.Table, err)
		}
	}
	for _, c := range d.Children {
		if c.Limit < 0 {
			return fmt.Errorf("subset: children %s: limit must be at least 1", c.Table)
		}
		if len(c.Via) > 0 && c.Table == (catalog.Name{}) {
			return fmt.Errorf("subset: children: via needs the name of a table")
		}
	}
	for _, e := range d.Exclude {
		if err := condition(e.Where); err != nil {
			return fmt.Errorf("subset: exclude %s: %w", e.Table, err)
		}
	}
	return nil
}

func (r Root) check() error {
	switch keyed := r.Column != ""; {
	case r.All && (keyed || r.Where != "" || r.Percent != 0 || r.Limit != 0):
		return fmt.Errorf("all means the whole table; remove the other settings, or all")
	case keyed && (r.Where != "" || r.Percent != 0 || r.Limit != 0):
		return fmt.Errorf("key already names the rows; remove where, percent and limit, or key")
	case !r.All && !keyed && r.Where == "" && r.Percent == 0 && r.Limit == 0:
		return fmt.Errorf("want one of all, key, where, percent and limit")
	case r.Percent < 0 || r.Percent > 100:
		return fmt.Errorf("percent must be greater than 0 and at most 100")
	case r.Limit < 0:
		return fmt.Errorf("limit must be at least 1")
	}
	return condition(r.Where)
}

// condition returns an error if a text is not one expression that can stand between parentheses.
func condition(text string) error {
	if text == "" {
		return nil
	}
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return fmt.Errorf("where: %w", err)
	}
	var open []string
	closing := map[string]string{"(": ")", "[": "]"}
	for _, t := range tokens {
		switch {
		case t.Kind == sqltext.Comment, t.Kind == sqltext.Parameter, t.Is(";"):
			return fmt.Errorf("where: want one condition, without comments, parameters and semicolons")
		case t.Is("(", "["):
			open = append(open, closing[t.Value])
		case t.Is(")", "]"):
			if len(open) == 0 || open[len(open)-1] != t.Value {
				return fmt.Errorf("where: the parentheses do not match")
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || len(tokens) == 0 {
		return fmt.Errorf("where: the parentheses do not match, or the condition is empty")
	}
	return nil
}
