package verify

import (
	"cmp"
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// Facts are the data that the judge needs in addition to the set.
type Facts struct {
	Waivers    []Waiver
	Hooks      bool     // hooks changed the shadow after the rows were loaded, so controls may be missing
	Recognised []Hit    // what detectors found in kept columns
	Noticed    []Hit    // what detectors found in only a few values. It may be chance
	Unread     []Unread // relations that could not be read. Their rows and controls are not judged
}

// Judge compares what the probers found with chance, with controls and with waivers. The caller has closed all probers.
func (s *Set) Judge(f Facts) *Report {
	r := &Report{Level: s.c.o.Level, Memory: s.values.Peak() + s.c.start.memory(), Sampling: s.values.Sampling(), Noticed: f.Noticed, Unread: f.Unread}
	hits := slices.Clone(f.Recognised)
	r.Tables, hits = s.tables(hits, f.Unread)
	if s.c.o.Level == Strict {
		hits = s.alignedHits(s.foundHits(hits))
		if !f.Hooks {
			hits = s.cellHits(hits)
		}
		r.Controls, hits = s.controlHits(hits, f.Hooks, f.Unread)
		r.Columns, r.Targets = s.coverage(), s.targets()
	}
	hits = withoutStatistics(hits)
	for i, h := range hits {
		hits[i].XML = s.c.ofXML[Place{Table: h.Target.Table, Column: h.Target.Column}]
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(a.Target.compare(b.Target), a.Source.compare(b.Source), cmp.Compare(a.Finding, b.Finding), cmp.Compare(a.Form, b.Form))
	})
	r.Hits, r.Waived = waive(hits, f.Waivers)
	return r
}

// withoutStatistics leaves out a hit in the planner's statistics of a column, if the column itself has a hit with
// values of the same source. The forms can differ: statistics have bytes in hexadecimal digits.
func withoutStatistics(hits []Hit) []Hit {
	type found struct {
		table  catalog.Name
		column string
		source Place
	}
	of := func(h Hit) found { return found{h.Target.Table, h.Target.Column, h.Source} }
	inColumn := map[found]bool{}
	for _, h := range hits {
		if h.Target.Path != Statistics {
			inColumn[of(h)] = true
		}
	}
	return slices.DeleteFunc(hits, func(h Hit) bool { return h.Target.Path == Statistics && inColumn[of(h)] })
}

func (p Place) compare(q Place) int {
	return cmp.Or(p.Table.Compare(q.Table), cmp.Compare(p.Column, q.Column), cmp.Compare(p.Path, q.Path))
}

// tables compares the sums of the source's tables with those of the target's. If only the source or only the target has
// a table, the sums differ.
func (s *Set) tables(hits []Hit, unread []Unread) ([]TableSum, []Hit) {
	names := map[catalog.Name]bool{}
	for name := range s.c.sums {
		names[name] = true
	}
	for name := range s.sums {
		names[name] = true
	}
	var all []TableSum
	for name := range names {
		if isUnread(unread, name) {
			continue
		}
		var source, target tableSum
		if sum := s.c.sums[name]; sum != nil {
			source = *sum
		}
		if sum := s.sums[name]; sum != nil {
			target = *sum
		}
		t := TableSum{name, source.rows, target.rows, source == target}
		all = append(all, t)
		switch {
		case t.Source != t.Target:
			hits = append(hits, Hit{Finding: Missing, Target: Place{Table: name}, Source: Place{Table: name}, Of: t.Source, Rows: t.Target})
		case !t.Equal:
			hits = append(hits, Hit{Finding: Differs, Target: Place{Table: name}, Source: Place{Table: name}, Of: t.Source})
		}
	}
	slices.SortFunc(all, func(a, b TableSum) int { return a.Table.Compare(b.Table) })
	return all, hits
}

// foundHits judges each source that was found in each place.
func (s *Set) foundHits(hits []Hit) []Hit {
	for place, f := range s.places {
		for marked, h := range f.hits {
			l := marked &^ maybeInvented
			from := s.c.labels[l]
			if from.code == decoy || s.leftAsItIs(place, from.source) {
				continue
			}
			if from.code == tail && s.foundWhole(f, from.source) {
				continue // the report has a hit for the whole numbers
			}
			values, exact := h.values.count()
			of := s.values.Outcomes[l].Rare
			chance, bar := s.chance(place, f, marked)
			if !exact {
				bar *= estimated
			}
			noise, expected := f.noise(h, of)
			values, chance = values-noise, chance+expected
			if encoded(from.code) {
				of = from.source.encoded
			}
			if values == 0 || float64(values) <= bar {
				continue
			}
			k := s.values.Sampling()
			hits = append(hits, Hit{
				Finding: Found, Target: place, Source: from.source.Place, Form: from.code.form(),
				Values: values << k, About: !exact || k > 0, Of: of << k, Rows: h.rows, Chance: math.Ldexp(chance, k), Key: h.key,
			})
		}
	}
	return hits
}

// leftAsItIs reports whether two conditions hold: the values were found in their own column, and the treatment of this
// column may leave values as they are.
func (s *Set) leftAsItIs(place Place, from *source) bool {
	own := func(own *source) bool { return own.Place == from.Place }
	return (from.unjudged == Stays || from.unjudged == Generalises) && slices.ContainsFunc(s.treatments(place), own)
}

// foundWhole reports whether whole numbers of the source were found too.
func (s *Set) foundWhole(f *found, from *source) bool {
	for l := range f.hits {
		if other := s.c.labels[l&^maybeInvented]; other.source == from && other.code.digits() > 0 && other.code.form() == Plain {
			return true
		}
	}
	return false
}

// alignedHits judges whether too many results are equal to their own values, or begin or end like them.
func (s *Set) alignedHits(hits []Hit) []Hit {
	for _, from := range s.c.sources {
		if from.unjudged != "" {
			continue
		}
		st := &from.stats
		if expected, bar := equalBar(st); float64(st.equal.own) > bar {
			hits = append(hits, alignedHit(Equal, from, st.equal.own, expected))
		}
		if own := st.shared.own; float64(own) > sharedBar(st) {
			hits = append(hits, alignedHit(Shared, from, own, float64(st.shared.other)))
		}
	}
	return hits
}

func alignedHit(f Finding, from *source, own int64, chance float64) Hit {
	return Hit{Finding: f, Target: from.Place, Source: from.Place, Values: own, Of: from.stats.compared, Rows: own, Chance: chance}
}

// cellHits compares two numbers for each source whose results are whole cells: the results that the refresh made, and
// the cells that the probers saw. If the two numbers differ, some cells were not seen.
func (s *Set) cellHits(hits []Hit) []Hit {
	for _, from := range s.c.sources {
		f := s.places[from.Place]
		if !from.Every || f == nil {
			continue
		}
		arrived := f.cells
		for _, n := range f.not {
			arrived += n
		}
		if arrived != from.stats.results {
			hits = append(hits, Hit{Finding: Differs, Target: from.Place, Source: from.Place, Of: from.stats.results, Rows: arrived})
		}
	}
	return hits
}

// controlHits judges whether the verification itself works. A table that could not be read has no controls.
func (s *Set) controlHits(hits []Hit, hooks bool, unread []Unread) ([]Controls, []Hit) {
	byType := map[string]*Controls{}
	for place, wanted := range s.c.controls.byPlace {
		if isUnread(unread, place.Table) {
			continue
		}
		t, ok := byType[wanted.kind]
		if !ok {
			t = &Controls{Type: wanted.kind}
			byType[wanted.kind] = t
		}
		n, got := int64(wanted.hashes.n), wanted.met.Load()
		t.Wanted += n
		t.Found += got
		if got < n && !hooks {
			hits = append(hits, Hit{Finding: Blind, Target: place, Source: place, Values: n - got, Of: n})
		}
	}
	var all []Controls
	for _, t := range byType {
		all = append(all, *t)
		if hooks && t.Wanted > 0 && t.Found == 0 {
			hits = append(hits, Hit{Finding: Blind, Kind: t.Type, Values: t.Wanted, Of: t.Wanted})
		}
	}
	if n := s.c.controls.blind.Load(); n > 0 {
		hits = append(hits, Hit{Finding: Blind, Values: n})
	}
	slices.SortFunc(all, func(a, b Controls) int { return cmp.Compare(a.Type, b.Type) })
	return all, hits
}

func isUnread(list []Unread, table catalog.Name) bool {
	return slices.ContainsFunc(list, func(u Unread) bool { return u.Relation == table })
}
