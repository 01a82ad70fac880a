package verify

import (
	"cmp"
	"maps"
	"slices"
)

// coverage returns for each source what was looked for, and what was not.
func (s *Set) coverage() []Coverage {
	all := make([]Coverage, len(s.c.sources))
	for i, from := range s.c.sources {
		st := &from.stats
		all[i] = Coverage{
			Source: from.Place, Class: from.Class, Treatment: from.Treatment,
			Cells: st.cells, Nulls: st.nulls, Empty: st.empty, Not: map[Reason]int64{}, Unjudged: from.unjudged,
		}
		all[i].not(TooShort, &st.short)
		if st.standard {
			all[i].Not[IsDefault] = 1
		}
		all[i].not(TooLarge, &st.large)
		if from.kind == nothing {
			why := OfType
			if keepsText(from.Source) {
				why = Stays
			}
			all[i].Not[why] = st.cells
		}
	}
	k := s.values.Sampling()
	for i, l := range s.c.labels {
		c, o := &all[l.source.id], s.values.Outcomes[i]
		switch d := l.code.digits(); {
		case l.code.form() != Plain:
			continue // the label is for another form of values that are counted already
		case d > 0 && s.dense(uint32(i), d):
			c.Not[TooDense] += o.Rare << k
		default:
			c.Probed += o.Rare << k
		}
		if l.code == word {
			c.Words += o.Rare << k
		}
		if o.Common > 0 {
			c.Not[TooCommon] += o.Common << k
		}
		if o.Exempt > 0 {
			c.Not[InDictionary] += o.Exempt << k
		}
	}
	slices.SortStableFunc(all, func(a, b Coverage) int {
		return cmp.Or(a.Source.compare(b.Source), cmp.Compare(a.Treatment, b.Treatment))
	})
	return all
}

func (c *Coverage) not(why Reason, values *distinct) {
	if n, _ := values.count(); n > 0 {
		c.Not[why] = n
	}
}

// Share returns which part of a source's different values was looked for. Values of a type that is never looked for do
// not count, and values that the treatment leaves in the target do not count either. Share returns 1 if no values are
// left.
func (c *Coverage) Share() float64 {
	all := c.Probed
	for why, n := range c.Not {
		if why != OfType && why != Stays {
			all += n
		}
	}
	if all == 0 {
		return 1
	}
	return float64(c.Probed) / float64(all)
}

// targets returns for each place of the shadow what was looked at.
func (s *Set) targets() []TargetCoverage {
	all := make([]TargetCoverage, 0, len(s.places))
	for place, f := range s.places {
		all = append(all, TargetCoverage{place, f.cells, maps.Clone(f.not)})
	}
	slices.SortFunc(all, func(a, b TargetCoverage) int { return a.Target.compare(b.Target) })
	return all
}
