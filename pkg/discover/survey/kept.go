package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Kept returns a finding for each class of personal data that the values of a kept column have. Each class has a code of
// its own, plan.KeptHolds. So a waiver for one class accepts no other class that comes later.
//
// A column counts as kept if its values are kept in any row, or at any path of its documents.
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
		}
	}
	return found
}

// keptValues returns a finding for each class of one column.
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
