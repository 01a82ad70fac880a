package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

// part is a part of a column's values with a rule of its own: a path of a document, a field of a composite, a column of
// CSV.
type part struct {
	path  string // as the rule writes it. A part of a part has both paths, with " > " between them
	key   string // the last key of the path
	use   *transform.Use
	guess *guess.Guess // what the key looks like; nil for nothing
}

// partsOf returns those parts of a column that have a path with a key at its end. Rules for a document that is kept whole
// name no paths. Its parts are then the paths that indexes and other expressions of the table read.
func (b *builder) partsOf(t *tableState, c *columnState) []part {
	list := appendParts(nil, "", &c.use)
	if c.use.Is("keep") && c.cat.Type.Family == catalog.JSON {
		list = computedParts(t.cat, c)
	}
	return b.guessParts(t, c, list)
}

// guessParts guesses from their keys what parts of a column hold.
func (b *builder) guessParts(t *tableState, c *columnState, list []part) []part {
	if len(list) == 0 {
		return nil
	}
	if b.guessed(); b.looks().err != nil {
		return nil
	}
	document := &catalog.Table{Name: catalog.Name{Schema: t.cat.Name.Schema, Name: c.cat.Name}}
	seen := map[string]bool{}
	for _, p := range list {
		if !seen[p.key] {
			seen[p.key] = true
			document.Columns = append(document.Columns, catalog.Column{Name: p.key, Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}})
		}
	}
	guesses := b.looks().detectors.Database(&catalog.Database{Tables: []*catalog.Table{document}})
	for i := range list {
		list[i].guess = guesses.Of(document.Name, list[i].key)
	}
	return list
}

func appendParts(list []part, above string, u *transform.Use) []part {
	for ; u != nil; u = u.Else {
		for i := range u.Paths {
			p := &u.Paths[i]
			path := above + p.Path
			if key := lastKey(p.Path); key != "" {
				list = append(list, part{path: path, key: key, use: &p.Use})
			}
			list = appendParts(list, path+" > ", &p.Use)
		}
	}
	return list
}

// computedParts returns the parts of a document that expressions of its table read.
func computedParts(t *catalog.Table, c *columnState) (list []part) {
	seen := map[string]bool{}
	for _, sql := range expressionsOf(t) {
		x, err := sqlexpr.Parse(sql)
		if err != nil {
			continue
		}
		x.Walk(func(x *sqlexpr.Expr) {
			column, path, ok := pathIn(x)
			if key := lastKey(path); ok && column == c.cat.Name && path != "$" && key != "" && !seen[path] {
				seen[path] = true
				list = append(list, part{path: path, key: key, use: &c.use})
			}
		})
	}
	return list
}

// expressionsOf returns what the database computes from the rows of a table.
func expressionsOf(t *catalog.Table) (list []string) {
	for _, k := range t.Keys {
		list = append(append(list, k.Members...), k.Predicate)
	}
	for _, i := range slices.Concat(t.Indexes, t.Exclusions, t.Statistics) {
		list = append(append(list, i.Members...), i.Predicate)
	}
	for _, k := range t.Checks {
		list = append(list, k.Expr)
	}
	for _, c := range t.Columns {
		if c.Generated {
			list = append(list, c.Default)
		}
	}
	return slices.DeleteFunc(list, func(sql string) bool { return sql == "" })
}

// lastKey returns the key in which a path ends, or "" if the path ends in something else.
func lastKey(path string) string {
	path = strings.TrimSuffix(path, "[*]")
	key := path[strings.LastIndexAny(path, "./@")+1:]
	inner, quoted := strings.CutSuffix(path, `"`)
	if begin := strings.LastIndex(inner, `."`); quoted && begin >= 0 {
		key = inner[begin+2:]
	}
	if !letterFirst.MatchString(key) {
		return ""
	}
	return key
}
