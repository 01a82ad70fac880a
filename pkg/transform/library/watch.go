package library

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Watched returns a use whose treatments are watched, including the treatments of all parts and of all branches of
// conditions. Kept values are not watched. Compile and the treatment's results do not change, except that each Leaf
// sees its values.
func Watched(u transform.Use, w transform.Watch) transform.Use { return watchedAt(u, "", w) }

func watchedAt(u transform.Use, at string, w transform.Watch) transform.Use {
	if u.Else != nil {
		other := watchedAt(*u.Else, at, w)
		u.Else = &other
	}
	if spec, ok := find(u.Treatment); !ok || spec.Parts == "" {
		if u.Treatment != "keep" {
			u.Watch, u.At = w, at
		}
		return u
	}
	u.Watch, u.At = w, at // for values that cannot be divided into parts
	u.Paths = slices.Clone(u.Paths)
	for i := range u.Paths {
		p := &u.Paths[i]
		inner := p.Path
		if at != "" {
			inner = at + " > " + inner
		}
		p.Use = watchedAt(p.Use, inner, w)
	}
	return u
}

// watched lets the Leaf of a use see the values and results of its treatment. The parts of a value have leaves of their
// own.
func watched(spec *treatment.Definition, c transform.Column, u transform.Use, b treatment.Blueprint) treatment.Blueprint {
	if u.Watch == nil || spec.Parts != "" {
		return b
	}
	build := b.Build
	b.Build = func(k transform.Keys) transform.Transform {
		to, leaf := build(k), treatment.Seen(c, u, b.Traits)
		if leaf == nil {
			return to
		}
		if walk := scalarsOf(c.Type); walk != nil {
			leaf = document.NewScalars(leaf, walk)
		}
		return &watching{to, leaf}
	}
	return b
}

// watching is a treatment whose values and results a Leaf sees.
type watching struct {
	to   transform.Transform
	leaf transform.Leaf
}

func (t *watching) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	start := len(dst)
	out, null, err := t.to.Append(dst, in, row)
	if err == nil && len(out) >= start {
		t.leaf.See(in.Bytes(), transform.Cell{Text: out[start:len(out):len(out)], Null: null}.Bytes())
	}
	return out, null, err
}

// scalarsOf returns a function for document.NewScalars. It returns nil if the values of a type are scalars.
func scalarsOf(t catalog.Type) func(each transform.Transform) transform.Transform {
	switch t.Family {
	case catalog.Array, catalog.Range, catalog.Multirange:
		if t.Elem == nil {
			return nil
		}
	case catalog.Composite, catalog.JSON, catalog.Hstore, catalog.XML:
	default:
		return nil
	}
	return func(each transform.Transform) transform.Transform { return inside(t, each) }
}

// inside returns a treatment of the values of a type that treats every scalar with the treatment each.
func inside(t catalog.Type, each transform.Transform) transform.Transform {
	if scalarsOf(t) == nil {
		return each
	}
	switch t.Family {
	case catalog.Array:
		return &array{elem: inside(*t.Elem, each), delimiter: delimiterOf(*t.Elem)}
	case catalog.Range:
		return &bounded{to: inside(*t.Elem, each)}
	case catalog.Multirange:
		if t.Elem.Elem == nil {
			return each
		}
		return &multirange{ranges: &bounded{to: inside(*t.Elem.Elem, each)}}
	case catalog.JSON:
		return document.JSONScalars(each)
	case catalog.Hstore:
		return document.NewHstore(map[string]*document.Part{"*": document.NewPart(each, nil)})
	case catalog.XML:
		return document.XMLTexts(each)
	}
	var fields []*document.Part
	for _, f := range t.Fields {
		fields = append(fields, document.NewPart(inside(f.Type, each), nil))
	}
	return document.NewComposite(fields)
}
