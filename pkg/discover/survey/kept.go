package survey

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Kept returns a finding for each class of personal data that the values of a kept column have. Each class has a code
// of its own, plan.KeptHolds. So a waiver for one class does not accept a class that is found later.
//
// A column counts as kept if its values are kept in any row, or at any path of its documents.
//
// Kept also returns a finding for each column whose documents have paths that the rules do not list.
func (s *Survey) Kept(p *plan.Plan) []plan.Finding {
	columns := make(map[string]*Column, len(s.Columns))
	for i := range s.Columns {
		columns[s.Columns[i].Table+"\x00"+s.Columns[i].Name] = &s.Columns[i]
	}
	var found []plan.Finding
	for i := range p.Tables {
		t := &p.Tables[i]
		for k := range t.Columns {
			c := &t.Columns[k]
			looked := columns[t.Name.String()+"\x00"+c.Name]
			if looked == nil || t.Skip || c.Generated {
				continue
			}
			found = append(found, keptValues(t.Name, c, looked)...)
			found = append(found, unlisted(t.Name, c, looked)...)
		}
	}
	return found
}

// keptValues returns a finding for each class that kept values of one column fit.
func keptValues(table catalog.Name, c *plan.Column, looked *Column) (found []plan.Finding) {
	byClass := map[string][]string{}
	var classes []string
	for _, e := range looked.Values {
		if e.Weak || slices.Contains(plan.Unspecific(), e.Class) || !library.Keeps(c.Use, e.Path) {
			continue
		}
		if byClass[e.Class] == nil {
			classes = append(classes, e.Class)
		}
		byClass[e.Class] = append(byClass[e.Class], e.String())
	}
	for _, class := range classes {
		name, how := table, "is kept"
		if !c.Use.Is("keep") {
			how = "is kept in part"
		}
		list := byClass[class]
		const most = 5
		if more := len(list) - most; more > 0 {
			list = append(list[:most:most], fmt.Sprintf("and %d more", more))
		}
		found = append(found, plan.Finding{
			Code: plan.KeptHolds(class), Table: &name, Column: c.Name, Pos: c.Pos,
			Text: fmt.Sprintf("%s %s and its values look like %s: %s; treat it, or waive %s", table.Column(c.Name), how, class, strings.Join(list, "; "), plan.KeptHolds(class)),
		})
	}
	return found
}

// unlisted returns a finding if documents have paths that the rules do not list. It leaves out paths with a key that
// may be data. Such a key is shown as *, and the rules may list the key itself.
func unlisted(table catalog.Name, c *plan.Column, looked *Column) []plan.Finding {
	var list []string
	for _, p := range looked.Paths {
		if strings.Contains(p.Path, ".*") {
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(p.Types)) {
			if !library.Lists(c.Use, p.Path, scalarOf(kind)) {
				list = append(list, fmt.Sprintf("%s (%s)", p.Path, kind))
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []plan.Finding{{
		Code: plan.PathUnlisted, Table: &table, Column: c.Name, Pos: c.Pos,
		Text: fmt.Sprintf("%s has documents with paths that its rules do not list: %s; the refresh stops at them, so list them", table.Column(c.Name), strings.Join(list, ", ")),
	}}
}

// scalarOf returns an example of a kind of scalar, as JSON.
func scalarOf(kind string) string {
	switch kind {
	case "number":
		return "1"
	case "boolean":
		return "true"
	case "null":
		return "null"
	}
	return `"x"`
}

// Documents says for each column with documents which paths they have, with counts and types.
func (s *Survey) Documents() (lines []string) {
	for i := range s.Columns {
		c := &s.Columns[i]
		if len(c.Paths) > 0 {
			lines = append(lines, c.Table+"."+c.Name+": "+c.PathText())
		}
	}
	return lines
}

// PathText returns the paths of the documents in words: $.contact.mail (40 text).
func (c *Column) PathText() string {
	const most = 40
	var list []string
	for i, p := range c.Paths {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(c.Paths)-most))
			break
		}
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(p.Types)) {
			kinds = append(kinds, fmt.Sprintf("%d %s", p.Types[kind], kind))
		}
		list = append(list, p.Path+" ("+strings.Join(kinds, ", ")+")")
	}
	return strings.Join(list, ", ")
}
