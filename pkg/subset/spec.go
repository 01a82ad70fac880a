package subset

import (
	"cmp"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// Spec is `subset:` of a flow in masker.yaml. No environment variable replaces any of it, and an approval covers all of
// it. The tags are texts for the JSON Schema of that file.
type Spec struct {
	Roots []struct {
		Table   string  `required:"yes" doc:"The table, as schema.table."`
		All     bool    `doc:"The whole table."`
		Key     string  `doc:"COLUMN=VALUE,VALUE: the rows with these values, such as id=42,77."`
		Where   string  `doc:"A condition on columns of the table, as SQL. Functions and types outside pg_catalog need their schema."`
		Percent float64 `doc:"This share of the rows, which the flow's key chooses."`
		Limit   int     `doc:"At most so many rows, the first ones by the table's key."`
	} `doc:"The rows from which the selection begins."`
	Children []struct {
		Table string   `required:"yes" doc:"The table of the children, as schema.table, or * for every table."`
		Via   []string `doc:"The columns of the reference. Default: all references of the table."`
		Limit int      `doc:"At most so many children for each parent, the first ones by their key."`
		Every bool     `doc:"Also children of rows that are in the subset only because another row references them."`
	} `doc:"The children that rows bring. Parents always come."`
	Exclude []struct {
		Table string `required:"yes" doc:"The table, as schema.table."`
		Where string `doc:"A condition, as SQL. Default: all rows."`
	} `doc:"Rows that must not be in the subset. If a row of the subset references one, the run ends."`
	More MoreSpec `doc:"A file with more roots. A change of the file needs no new approval."`
}

// MoreSpec says which roots a file may add.
type MoreSpec struct {
	File    string   `required:"yes" doc:"The file. Each line is a root by key, such as public.orders id=42,77."`
	Columns []string `required:"yes" doc:"The columns by which the file may name rows, as schema.table.column."`
	Limit   int      `doc:"At most so many rows. Default: 100."`
}

// Definition returns the subset in the form that a run needs, without the roots of the file. It is nil if the flow
// copies all rows.
func (s Spec) Definition() (*Definition, error) {
	if len(s.Roots)+len(s.Children)+len(s.Exclude)+len(s.More.Columns) == 0 && s.More.File == "" {
		return nil, nil
	}
	var d Definition
	for _, r := range s.Roots {
		name, err := tableName(r.Table)
		if err != nil {
			return nil, err
		}
		root := Root{Table: name, All: r.All, Where: r.Where, Percent: r.Percent, Limit: r.Limit}
		if r.Key != "" {
			if root.Column, root.Values, err = ParseKey(r.Key); err != nil {
				return nil, fmt.Errorf("subset: root %s: key: %w", name, err)
			}
		}
		d.Roots = append(d.Roots, root)
	}
	for _, c := range s.Children {
		rule := Children{Via: c.Via, Limit: c.Limit, Every: c.Every}
		if c.Table != "*" {
			var err error
			if rule.Table, err = tableName(c.Table); err != nil {
				return nil, err
			}
		}
		d.Children = append(d.Children, rule)
	}
	for _, e := range s.Exclude {
		name, err := tableName(e.Table)
		if err != nil {
			return nil, err
		}
		d.Exclude = append(d.Exclude, Exclusion{Table: name, Where: e.Where})
	}
	d.More = More{File: s.More.File, Limit: cmp.Or(s.More.Limit, defaultMore)}
	for _, text := range s.More.Columns {
		parts, err := catalog.ParseIdents(text)
		if err != nil || len(parts) != 3 {
			return nil, fmt.Errorf("subset: more: column %q: want schema.table.column", text)
		}
		d.More.Columns = append(d.More.Columns, catalog.ColumnName{Table: catalog.Name{Schema: parts[0], Name: parts[1]}, Column: parts[2]})
	}
	return &d, d.Check()
}

func tableName(text string) (catalog.Name, error) {
	name, err := catalog.ParseName(text)
	if err != nil {
		return name, fmt.Errorf("subset: table %w", err)
	}
	return name, nil
}
