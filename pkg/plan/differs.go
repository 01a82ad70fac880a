package plan

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// differs says why equal values at the two ends of a foreign key would get different results. It returns ""
// if they get equal results, or if the referencing end is NULL.
func differs(c, p *columnState) string {
	if p.use.When != "" {
		return "a rule under `when` reads its own row, and the other end has another row"
	}
	if c.use.When == "" {
		return differsAlways(c, p)
	}
	for use := &c.use; use != nil; use = use.Else {
		end, err := c.branch(*use)
		if err != nil {
			return err.Error()
		}
		if end.use.Is("null") {
			continue
		}
		if why := differsAlways(end, p); why != "" {
			return "under `when`, " + why
		}
	}
	return ""
}

// branch returns the column as if all rows got the given use, which is one of those between which a condition chooses.
func (c *columnState) branch(use transform.Use) (*columnState, error) {
	use.When, use.Else = "", nil
	own, err := library.Reads(use)
	if err != nil {
		return nil, err
	}
	use.Reads = use.Reads[:min(len(own), len(use.Reads))] // the other reads are those of the condition
	end := *c
	end.use = use
	end.traits, err = library.Check(c.spec(), use)
	return &end, err
}

// sometimesNull reports whether a use under a condition makes some rows NULL.
func sometimesNull(u transform.Use) bool {
	return u.When != "" && (u.Treatment == "null" || u.Else != nil && (u.Else.Is("null") || sometimesNull(*u.Else)))
}

// differsAlways is like differs, for ends without a condition.
func differsAlways(c, p *columnState) string {
	for _, end := range []*columnState{c, p} {
		if len(end.use.Reads) > 0 {
			return describe(end.use) + " reads other columns of its row, and the other end has another row"
		}
	}
	if c.use.Treatment != p.use.Treatment {
		return "one is " + describe(c.use) + ", the other " + describe(p.use)
	}
	if c.use.Is("keep") && p.use.Is("keep") {
		return ""
	}
	switch {
	case c.use.Subject != "" || p.use.Subject != "":
		return "a column seeded by a row's subject cannot be joined"
	case !equalParams(c.use.Params, p.use.Params):
		return "their parameters differ"
	case c.use.Domain != p.use.Domain:
		return "their domains are " + c.use.Domain + " and " + p.use.Domain
	case c.cat.Type.LooseCollation || p.cat.Type.LooseCollation:
		return "their collation decides which texts are equal in a way that masker cannot follow, for example because it ignores accents"
	case !sameCanonicalForm(c.cat.Type, p.cat.Type):
		return "the types " + c.cat.Type.Name + " and " + p.cat.Type.Name + " compare differently"
	case !p.traits.Equality || !c.traits.Equality:
		return describe(c.use) + " does not give equal results for equal values"
	case c.traits.Shape != p.traits.Shape:
		return "the results have different forms (" + c.traits.Shape + " and " + p.traits.Shape + "); fix the form with a parameter on the key"
	}
	return ""
}
