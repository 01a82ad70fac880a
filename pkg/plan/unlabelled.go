package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// The functions of this file remove the labels of enums from the decisions. A new label does not change what a column
// becomes, so it must not make a new approval necessary. If a label may be data of production, the definition of the
// type is telling, and an approval covers the definition.

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
