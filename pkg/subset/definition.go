// Package subset selects a part of a database that is closed: the part has every row that one of its rows references.
// The package decides which rows to look for, and its caller looks for them. The package opens no connection.
//
// A selection begins with the rows of the roots. These rows are chosen. The rows that a rule for children brings are
// chosen too. A row is needed if it is in the subset only because another row references it. A needed row brings the
// rows that it references. It brings children only if a rule says so. The subset has no other rows, except that tables
// of extensions are in it as a whole. The result does not depend on the order in which rows are found.
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
	More     More
}

// Root says from which rows of a table the selection begins: from all rows, from the rows whose Column has one of the
// Values, or from the rows that meet Where, Percent and Limit. Where, Percent and Limit may be combined.
type Root struct {
	Table   catalog.Name
	All     bool     // the whole table
	Column  string   // a column of the table; "" for none
	Values  []string // the values of Column
	Where   string   // an SQL condition; "" for none
	Percent float64  // the share of the rows. A hash of the row's key, seeded with the flow's secret key, chooses them
	Limit   int      // the largest number of rows: the first rows in the order of the table's key. 0 means no limit
}

// Children is a rule that brings the children of rows.
type Children struct {
	Table catalog.Name // the table of the children. The zero Name means every table that no other rule names
	Via   []string     // the columns of one reference. If there are none, the rule is for every reference of the table
	Limit int          // the largest number of children for each parent: the first in the order of their key. 0 means no limit
	Every bool         // needed parents bring children too. If Every is false, only chosen parents do
}

// Exclusion says which rows must not be in the subset. Roots and rules for children leave these rows out. If a row of
// the subset references an excluded row, the selection ends with an error.
type Exclusion struct {
	Table catalog.Name
	Where string // an SQL condition; "" excludes every row of the table
}

// Policy describes the definition for a reviewer. It returns one text for each setting, by the setting's name. Two
// different definitions never have the same texts, except if they differ only in the lines of More.
func (d *Definition) Policy() map[string]string {
	return d.texts(Root.policy, func(e Exclusion) string { return e.Table.String() + where(e.Where) })
}

// Summary describes the definition like Policy, but without keys and conditions, because keys and conditions may quote
// data. The ledger's record of a run has the summary, and a copy of this record is stored in the target.
func (d *Definition) Summary() map[string]string {
	texts := d.texts(Root.String, func(e Exclusion) string {
		if e.Where == "" {
			return e.Table.String()
		}
		return e.Table.String() + " by condition"
	})
	if len(d.More.Lines) > 0 {
		texts["subset.more.roots"] = d.More.summary()
	}
	return texts
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
	if more := d.More.String(); more != "" {
		add("subset.more", more)
	}
	return texts
}

// String describes the root without its key and its condition, because both may quote data.
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

// policy describes the root with its key and its condition.
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

// ParseKey reads COLUMN=VALUE,VALUE. A comma always ends a value. For a value that contains a comma, users write a
// condition instead.
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

// Check returns an error if the definition is wrong for every schema. The error quotes no condition.
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
	return d.More.check()
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

// condition checks that a text can stand between parentheses in a query, and cannot end these parentheses itself. Only
// the server checks that the text is a condition.
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

// ParseRow reads the row TABLE:COLUMN=VALUE. It returns nil for an empty text.
func ParseRow(text string) (*Root, error) {
	if text == "" {
		return nil, nil
	}
	table, key, _ := strings.Cut(text, ":")
	name, err := catalog.ParseName(table)
	if err != nil {
		return nil, err
	}
	r := &Root{Table: name}
	r.Column, r.Values, err = ParseKey(key)
	return r, err
}
