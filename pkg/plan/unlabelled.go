package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// The decisions have no labels of enums. A new label changes nothing of what a column becomes. A label that may be data of
// production makes the definition of its type telling.

// unlabelled returns a type without labels.
func unlabelled(t catalog.Type) catalog.Type {
	t.Labels = nil
	if t.Elem != nil {
		elem := unlabelled(*t.Elem)
		t.Elem = &elem
	}
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		t.Fields[i].Type = unlabelled(t.Fields[i].Type)
	}
	return t
}

// unlabelledUse returns a use whose types have no labels.
func unlabelledUse(u transform.Use) transform.Use {
	if u.SubjectType != nil {
		t := unlabelled(*u.SubjectType)
		u.SubjectType = &t
	}
	if u.Else != nil {
		other := unlabelledUse(*u.Else)
		u.Else = &other
	}
	u.Paths = slices.Clone(u.Paths)
	for i := range u.Paths {
		u.Paths[i].Use = unlabelledUse(u.Paths[i].Use)
	}
	u.Reads = slices.Clone(u.Reads)
	for i := range u.Reads {
		u.Reads[i].Type = unlabelled(u.Reads[i].Type)
		if u.Reads[i].Use != nil {
			use := unlabelledUse(*u.Reads[i].Use)
			u.Reads[i].Use = &use
		}
	}
	return u
}
