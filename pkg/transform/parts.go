package transform

// partPlan is the treatment of one named part, before it has keys.
type partPlan struct {
	blueprint blueprint
	needs     []int // positions in the whole value's Needs
}

// planPart takes a part's treatment into the promises of the whole.
func (p *parts) planPart(b blueprint) partPlan { return partPlan{b, p.add(b.traits)} }

func (p partPlan) compile(k Keys) *treatedPart {
	return &treatedPart{to: p.blueprint.build(k), row: pickRow{needs: p.needs}}
}

// treatedPart is the compiled treatment of one part.
type treatedPart struct {
	to  Transform
	row pickRow
}

func (t *treatedPart) append(dst []byte, in Cell, row Row) (out []byte, null bool, err error) {
	t.row.row = row
	out, null, err = t.to.Append(dst, in, &t.row)
	t.row.row = nil
	return out, null, err
}

// textParts checks the treatments of parts that are texts, by name.
func textParts(by planner, c Column, name string, u Use) (map[string]partPlan, *parts, error) {
	if len(u.Paths) == 0 {
		return nil, nil, &ParamError{"paths", "lists nothing; every value would stop the refresh"}
	}
	all, plans := newParts(by), map[string]partPlan{}
	for _, p := range u.Paths {
		if _, twice := plans[p.Path]; twice {
			return nil, nil, &ParamError{p.Path, "is listed twice"}
		}
		b, err := all.prepareText(c, name, p.Use)
		if err != nil {
			return nil, nil, &ParamError{p.Path, err.Error()}
		}
		plans[p.Path] = all.planPart(b)
	}
	return plans, all, nil
}
