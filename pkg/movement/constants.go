package movement

import (
	"context"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Caster is a Source that can read a text as a value of a type, as the target will do with a constant of the rules.
type Caster interface {
	// Cast returns why the text is no value of the type, or "" if it is one or if the source cannot tell. The argument typ is
	// catalog.Type.Name. It reads no table.
	Cast(ctx context.Context, text, typ string) (why string, err error)
}

// castConstants refuses constants that the source's server cannot read as values of their columns. The plan has checked the
// constants of the types that masker knows. A domain may have conditions, and masker does not know the other types.
func (r *run) castConstants(ctx context.Context) error {
	caster, ok := r.source.(Caster)
	if !ok {
		return nil
	}
	var asked [][2]string
	for _, t := range r.plan.Tables {
		for _, c := range t.Columns {
			for _, text := range unknownConstants(t, c) {
				pair := [2]string{text, c.Type.Name}
				if slices.Contains(asked, pair) {
					continue
				}
				asked = append(asked, pair)
				why, err := caster.Cast(ctx, text, c.Type.Name)
				switch {
				case err != nil:
					return r.wrapSource(err)
				case why != "":
					return invalid("%s: %s becomes %s, and the source's server cannot read that value as %s: %s; nothing is read",
						c.Pos, t.Name.Column(c.Name), c.Use.Treatment, c.Type.Name, why)
				}
			}
		}
	}
	return nil
}

// unknownConstants returns the constants of a column that the plan could not check completely.
func unknownConstants(t plan.Table, c plan.Column) (texts []string) {
	if t.Skip || c.Generated || c.Type.Domain == "" && c.Type.Family != catalog.Other && c.Type.Family != catalog.Composite {
		return nil
	}
	for use := &c.Use; use != nil; use = use.Else {
		if text, ok := library.Fixed(c.Target(t.Name), transform.Use{Treatment: use.Treatment, Params: use.Params}); ok {
			texts = append(texts, text)
		}
	}
	return texts
}
