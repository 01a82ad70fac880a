package verify

import (
	"math"
	"slices"
)

// Chance is measured with values and results of different rows. A value and a result of one row may have more in
// common, because both belong to one gender, one country or one area. So equalBar and sharedBar multiply the measured
// chance by these factors.
const (
	equalSlack  = 3
	sharedSlack = 10
)

// A lone word is a value that is one short word, such as a given name, or a short phrase of a class such as job_title.
// Lone words count only if many of them are found: at least bulk words. They must also be at least bulkOfFrom of all
// lone words of the source, or at least bulkOfPlace of all different values of the place.
const (
	bulk        = 10
	bulkOfFrom  = 0.5
	bulkOfPlace = 0.5
)

// atMost is added to a count of chance events. If no event was seen, up to three events may still have been expected.
const atMost = 3

// If at most this number of values is unchanged, chance explains them. Fewer than one in a thousand random mappings
// leave more values unchanged. The limit is for different values: if a result depends on the value alone, an unchanged
// value is unchanged in every row.
const fixed = 6

// equalBar returns the number of results that chance makes equal to their own values, and the bar. More equal results
// than the bar are a leak.
func equalBar(s *stats) (expected, bar float64) {
	if s.pairs == 0 {
		return 0, math.Inf(1)
	}
	each := float64(s.unknown) / float64(s.pairs)
	chance := min(float64(s.equal.other+atMost)/float64(s.pairs), 1)
	chance = equalSlack * chance / (1 + (equalSlack-1)*chance) // the slack multiplies the odds and not the chance, so the product is never more than 1
	expected = float64(s.equal.other) * each
	if values, _ := s.unchanged.count(); s.equal.other > 0 && values <= fixed && s.equal.own < s.unknown {
		return expected, math.Inf(1)
	}
	return expected, barOf(chance * float64(s.unknown))
}

// sharedBar returns the bar for results that begin or end like their own values. Both counts of the tally are
// uncertain, so both add to the standard deviation. If many rows have one value, they may all have the same result. The
// counts then change by many rows at a time, and their variance is larger. If at least half of all results begin or end
// like their own values, repeated values do not explain that.
func sharedBar(s *stats) float64 {
	t := s.shared
	values, _ := s.alike.count()
	if values <= fixed && t.own < s.compared {
		return math.Inf(1)
	}
	repeats := 1.0
	if 2*t.own < s.compared {
		repeats = max(float64(t.own)/float64(values), 1)
	}
	expected := sharedSlack * float64(t.other)
	return expected + 5*math.Sqrt(repeats*(float64(t.own)+sharedSlack*expected))
}

// accepted is the probability with which a pair of columns may raise an alarm by chance alone.
const accepted = 1e-3

// unevenness allows for treatments that draw some results more often than others. For example, a street is made of
// words from two lists, and some streets can be made in several ways. With such a treatment, chance finds more values
// than with a treatment whose results are all equally frequent: up to this factor times as many.
const unevenness = 1.5

// estimated allows for counts that are estimates. Such a count may exceed the bar by this factor. The factor is five
// standard deviations of the quotient of two estimates.
const estimated = 1.16

// chance returns how many values of a label chance explains in a place, and the bar. More values than the bar are a
// hit.
func (s *Set) chance(place Place, f *found, marked uint32) (expected, bar float64) {
	l := marked &^ maybeInvented
	from := s.c.labels[l]
	if marked != l && from.code != word {
		return s.decoys(f, from.source)
	}
	n := float64(s.values.Outcomes[l].Rare)
	k := s.values.Sampling()
	switch d := from.code.digits(); {
	case from.code == word:
		return 0, max(math.Ldexp(bulk, -k), min(bulkOfFrom*n, bulkOfPlace*float64(s.counted(place, f, func(f *found) *distinct { return &f.all })))) - 0.5
	case d > 0 && s.dense(l, d):
		return n, math.Inf(1)
	case d > 0:
		expected = scaled(n, s.counted(place, f, func(f *found) *distinct { return f.like(from) }), math.Pow10(d), k)
	case from.code == tail:
		expected = scaled(n, s.counted(place, f, func(f *found) *distinct { return f.like(from) }), 1e9, k)
	}
	for _, own := range s.treatments(place) {
		if own.finite() {
			expected = max(expected, unevenness*scaled(n, s.counted(place, f, func(f *found) *distinct { return &f.all }), own.Space, k))
		}
	}
	if from.source.finite() && s.repeats(place) {
		expected = max(expected, unevenness*scaled(n, s.counted(place, f, func(f *found) *distinct { return f.like(from) }), from.source.Space, k))
	}
	return expected, barOf(expected)
}

// Bytes that are not text, such as a picture, contain short words by chance. A random byte is a given letter or digit,
// in either case, with the probability 1/evenLetters. Real bytes are less even than random bytes, so the expected
// number is multiplied by unevenLetters.
const (
	evenLetters   = 31
	unevenLetters = 10
)

// Some values are found as words in bytes by chance. noise returns how many of the found values chance explains, and
// how many chance was expected to find. The argument of is the number of values that were looked for. Short values are
// found by chance more often than long ones, so each length has its own bar.
func (f *found) noise(h *hit, of int64) (values int64, expected float64) {
	for size, found := range h.sizes {
		n, _ := found.count()
		chance := unevenLetters * float64(of) * float64(f.words) / math.Pow(evenLetters, float64(size))
		if float64(n) <= barOf(chance) {
			values += n
		}
		expected += chance
	}
	return values, expected
}

// repeats reports whether a place may hold results of other columns. Texts in which scrub has replaced names may hold
// such results, and so may columns that the database computes. Definitions do not hold results, because definitions
// come from the source. A definition is a place without a column.
func (s *Set) repeats(place Place) bool {
	own := s.treatments(place)
	if len(own) == 0 {
		column := func(from *source) bool { return from.Table == place.Table && from.Column == place.Column }
		return place.Column != "" && !s.c.kept[Place{Table: place.Table, Column: place.Column}] && !slices.ContainsFunc(s.c.sources, column)
	}
	return slices.ContainsFunc(own, func(from *source) bool { return from.Treatment == scrub })
}

// like returns the counter of the forms in this place that have the same kind as the forms of the label. For example, a
// label of numbers with nine digits gets the counter of numbers with nine digits.
func (f *found) like(l label) *distinct {
	switch d := l.code.digits(); {
	case d > 0:
		return f.of(d)
	case l.code == tail:
		return &f.tails
	}
	return &f.all
}

// counted returns the number of different forms that a counter has counted. It returns the number for the place, or for
// the whole column of the place if that number is larger.
func (s *Set) counted(place Place, f *found, of func(*found) *distinct) int64 {
	n, _ := of(f).count()
	if column := s.column(place); column != nil {
		all, _ := of(column).count()
		n = max(n, all)
	}
	return n
}

// dense reports whether the source has more than one in 1000 of all possible numbers with d digits.
func (s *Set) dense(l uint32, d int) bool {
	return math.Ldexp(float64(s.values.Outcomes[l].Rare), s.values.Sampling()) > math.Pow10(d)/1000
}

// scaled returns how many equal values chance explains in a sample that holds one in 2^k values: n·m/space, multiplied
// by 2^k. The numbers n and m are counts of the sample, and each of them is smaller than the real number by the factor
// 2^k. The result is also a count of the sample, so it may be smaller by this factor only once.
func scaled(n float64, m int64, space float64, k int) float64 {
	return n * float64(m) / space * math.Ldexp(1, k)
}

// decoys returns the number of names that chance finds, and the bar. A decoy is a name that probably nobody has. Chance
// finds real names as often as decoys, so the number of decoys that were found is the expected number.
func (s *Set) decoys(f *found, from *source) (expected, bar float64) {
	for l, h := range f.hits {
		if other := s.c.labels[l&^maybeInvented]; other.code == decoy && other.source == from {
			n, _ := h.values.count()
			expected = float64(n)
		}
	}
	return expected, 2*expected + 5*math.Sqrt(2*expected) + 10
}

// barOf returns the bar for an expected number of values. The bar is at least five standard deviations above this
// number, and chance exceeds the bar in less than one of a thousand cases.
func barOf(expected float64) float64 {
	if expected == 0 {
		return 0
	}
	bar := math.Floor(expected + 5*math.Sqrt(expected))
	for atLeast(bar+1, expected) > accepted {
		bar++
	}
	return bar
}

// atLeast returns the probability that a Poisson variable is n or more.
func atLeast(n, expected float64) float64 {
	if expected > 100 {
		return 0 // for so large a number, barOf needs no more than five standard deviations
	}
	term, below := math.Exp(-expected), 0.0
	for i := 0.0; i < n; i++ {
		below += term
		term *= expected / (i + 1)
	}
	return 1 - below
}
