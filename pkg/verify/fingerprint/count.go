package fingerprint

import (
	"math"
	"slices"
)

// count counts the subjects of a class or label in one group of equal hashes. When the value is common, it stops.
type count struct {
	group   uint64
	own     few        // different subjects of rows with the value; the field others has the rest
	others  few        // different subjects of rows that hold the value of another person, as the label says
	levels  seenLevels // the levels of rows without a subject
	unusual bool       // the value is in an unusual number of rows
}

// few holds up to Rare different subjects, and one more if there are more.
type few struct {
	subjects [Rare + 1]uint64
	n        int
}

// add counts a subject once.
func (f *few) add(subject uint64) {
	if f.n == len(f.subjects) || slices.Contains(f.subjects[:f.n], subject) {
		return
	}
	f.subjects[f.n] = subject
	f.n++
}

// common reports whether a value is common. If a few people have a value, it does not matter how often the rows of
// others refer to them.
func (c *count) common() bool {
	return c.unusual || c.own.n > Rare || c.own.n == 0 && c.others.n > Rare
}

// of returns the count at an index of a list, for the current group. A count of an earlier group begins at zero again.
func (w *sealer) of(list []count, i int) *count {
	c := &list[i]
	if c.group != w.group {
		*c = count{group: w.group}
	}
	return c
}

// count counts one mark of the current group. If the label is of people, a row without a subject counts for the label.
// All other marks count for the class.
func (w *sealer) count(m Mark) {
	label := m.Label()
	c := w.of(w.counts, w.rules.Classes[label])
	switch {
	case w.rules.usual == nil || !w.rules.People[label]:
		c.own.add(m.Subject())
	case m&ofRow != 0:
		w.of(w.seen, int(label)).levels |= 1 << (m &^ ofRow).Subject()
	case w.rules.usual[label].others:
		c.others.add(m.Subject())
	default:
		c.own.add(m.Subject())
	}
}

// unusual looks for a label of the current group in which the value is in an unusual number of rows. It marks the count
// of the label's class.
func (w *sealer) unusual() {
	if w.rules.usual == nil {
		return
	}
	for _, label := range w.labels {
		c, u := &w.seen[label], &w.rules.usual[label]
		if c.group != w.group {
			continue
		}
		of := &w.counts[w.rules.Classes[label]]
		if k := c.levels.first(); k >= u.levels || of.own.n == 0 && k >= u.alone {
			of.unusual = true
		}
	}
}

// looked is the number of entries that are enough to say what is usual.
const looked = 1 << 18

// usual looks at some partitions, and says what is usual for the values of each label. Values are in random partitions,
// so a few partitions are like all of them.
func (s *Store) usual(r Rules) []usual {
	if !slices.Contains(r.People, true) {
		return nil
	}
	w := newSealer(s, r)
	all := make([]figures, len(r.Classes))
	n, entries := 0, 0
	for ; n < partitions && entries < looked; n++ {
		p := &s.parts[n]
		if w.mask != 0 {
			p.keep(s, func(e Entry) bool { return e.Hash&w.mask == 0 })
		}
		entries += p.n
		for group := range w.groups(p) {
			w.figures(all, group)
		}
	}
	list := make([]usual, len(r.Classes))
	for label := range list {
		if r.People[label] {
			list[label] = all[label].usual(r.Rows[label], math.Ldexp(float64(n)/partitions, -s.Sampling()))
		}
	}
	return list
}

// figures adds a group to the figures of its labels.
func (w *sealer) figures(all []figures, group []Entry) {
	for _, e := range group {
		label := e.Mark.Label()
		if !w.rules.People[label] {
			continue
		}
		c, f := w.of(w.seen, int(label)), &all[label]
		if e.Mark&ofRow != 0 {
			if c.levels == 0 {
				f.rows++
			}
			c.levels |= 1 << (e.Mark &^ ofRow).Subject()
			continue
		}
		before := c.own.n
		switch c.own.add(e.Mark.Subject()); {
		case before == 0:
			f.subjects++
		case before == Rare && c.own.n > Rare:
			f.common++
		}
	}
}
