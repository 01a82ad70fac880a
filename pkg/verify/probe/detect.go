package probe

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"maps"
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/verify"
)

// Each worker takes a sample of a place: the first sampleFirst values that the worker reads, and then one of every
// sampleStep values. The sample has at most sampleLength bytes of each value. When it has more than sampleBytes in all,
// it ends.
const (
	sampleFirst  = 1024
	sampleStep   = 32
	sampleLength = 4 << 10
	sampleBytes  = 1 << 20
)

// kinds returns the kinds that the detectors look for. A number alone is not personal data. The kinds include numbers,
// because the numbers must be counted: by chance, some numbers look like another kind.
func kinds() []recognise.Kind {
	return []recognise.Kind{recognise.Email, recognise.PAN, recognise.IBAN, recognise.NationalID, recognise.Phone, recognise.Number}
}

// tally counts what was recognised at one place.
type tally struct {
	values  int64 // all values
	sampled int64
	bytes   int64
	numbers int64                     // sampled values with a number of six digits or more
	plain   int64                     // sampled values with a phone number of digits only. Any number with a leading zero has this form
	kinds   [recognise.Patterns]int64 // sampled values with a match of the kind

	different map[uint64]matches // different sampled values with such a number, by their hashes; at most mostDifferent
}

// mostDifferent limits the memory of a tally.
const mostDifferent = 1 << 14

// matches has a bit for each kind that a value matches, and the bit plainly for a phone number of digits only.
type matches uint32

const plainly matches = 1 << 31

// detectors look at a sample of the values of kept places. They belong to one goroutine.
type detectors struct {
	scanner *recognise.Scanner
	places  map[verify.Place]*tally
	seed    maphash.Seed
	buf     []byte
}

// newDetectors returns detectors. All detectors whose tallies are merged have the same seed.
func newDetectors(seed maphash.Seed) *detectors {
	return &detectors{scanner: recognise.New(kinds(), nil), places: map[verify.Place]*tally{}, seed: seed}
}

// watch returns a Prober that gives the values of its targets to the detectors, too.
func (d *detectors) watch(p Prober) Prober { return &watching{p, d} }

type watching struct {
	Prober
	detectors *detectors
}

// Target implements Prober.
func (w *watching) Target(place verify.Place) Target {
	t := w.detectors.places[place]
	if t == nil {
		t = &tally{}
		w.detectors.places[place] = t
	}
	return &detecting{w.Prober.Target(place), w.detectors, t}
}

// detecting is a Target that also gives its cells and texts to the detectors. Bytes, and values that come in pieces, only
// go to the Target.
type detecting struct {
	Target
	detectors *detectors
	tally     *tally
}

func (d *detecting) Cell(value []byte) {
	d.detectors.look(d.tally, value)
	d.Target.Cell(value)
}

func (d *detecting) Text(value []byte) {
	d.detectors.look(d.tally, value)
	d.Target.Text(value)
}

func (d *detectors) look(t *tally, value []byte) {
	t.values++
	if t.values > sampleFirst && t.values%sampleStep != 0 || t.bytes > sampleBytes {
		return
	}
	value = value[:min(len(value), sampleLength)]
	t.sampled, t.bytes = t.sampled+1, t.bytes+int64(len(value))
	if isUUID(value) {
		return
	}
	d.buf = recognise.AppendValid(d.buf[:0], value)
	d.scanner.Start(d.buf)
	var found [recognise.Patterns]bool
	plain, number := false, false
	for m, ok := d.scanner.Next(); ok; m, ok = d.scanner.Next() {
		text := d.scanner.Text()[m.Start:m.End]
		found[m.Kind] = found[m.Kind] || counts(m.Kind, text)
		plain = plain || m.Kind == recognise.Phone && digits(text) == len(text)
	}
	var of matches
	for k, is := range found {
		if !is {
			continue
		}
		t.kinds[k]++
		of |= 1 << k
		number = number || recognise.Kind(k) != recognise.Email
	}
	if plain {
		t.plain++
		of |= plainly
	}
	if !number {
		return
	}
	t.numbers++
	if len(t.different) < mostDifferent {
		if t.different == nil {
			t.different = map[uint64]matches{}
		}
		t.different[maphash.Bytes(d.seed, value)] = of
	}
}

// isUUID reports whether a value has the form of a UUID. The digits of a UUID mean nothing, although a part of them may
// look like an IBAN.
func isUUID(value []byte) bool {
	return len(value) == 36 && value[8] == '-' && value[13] == '-' && value[18] == '-' && value[23] == '-'
}

// counts reports whether a match alone shows that a value is personal. Many identification numbers are recognised only
// by their form, and article numbers can have the same form.
func counts(k recognise.Kind, text []byte) bool {
	switch k {
	case recognise.Email:
		return !reserved(text)
	case recognise.NationalID:
		return recognise.IDIsCertain(text)
	}
	return true
}

// reserved reports whether a mail address is in a domain that belongs to nobody (RFC 2606). Invented addresses are in
// such domains.
func reserved(mail []byte) bool {
	mail = bytes.ToLower(mail)
	for _, end := range [...]string{"example.com", "example.net", "example.org", ".example", ".test", ".invalid", ".localhost"} {
		if rest, ok := bytes.CutSuffix(mail, []byte(end)); ok && (end[0] == '.' || len(rest) > 0 && (rest[len(rest)-1] == '@' || rest[len(rest)-1] == '.')) {
			return true
		}
	}
	return false
}

// merge adds the tallies to those of other goroutines.
func (d *detectors) merge(all map[verify.Place]*tally) map[verify.Place]*tally {
	if all == nil {
		return d.places
	}
	for place, t := range d.places {
		sum := all[place]
		if sum == nil {
			all[place] = t
			continue
		}
		sum.values, sum.sampled, sum.bytes, sum.numbers = sum.values+t.values, sum.sampled+t.sampled, sum.bytes+t.bytes, sum.numbers+t.numbers
		sum.plain += t.plain
		if sum.different == nil {
			sum.different = t.different
		} else {
			maps.Copy(sum.different, t.different)
		}
		for k, n := range t.kinds {
			sum.kinds[k] += n
		}
	}
	return all
}

// chanceOf returns the share of random numbers that look like a kind. For numbers of any length, the real share is not
// larger than this figure. A test measures the shares.
func chanceOf(k recognise.Kind) float64 {
	switch k {
	case recognise.PAN:
		return 0.12
	case recognise.IBAN:
		return 0.02
	case recognise.NationalID:
		return 0.02
	case recognise.Phone:
		return 0.12
	}
	return 0
}

// A place fails if four conditions hold for the number of values that the detectors recognise. The number is at least
// fewest. It is at least leastShare of the sampled values. It exceeds twice the number that chance explains by more
// than five standard deviations. And chance does not explain the number of different values that are recognised.
const (
	fewest     = 10
	leastShare = 0.01
)

// judge compares the tallies with chance. The first list has the places that fail. The second has other places with
// more matches than chance explains.
func judge(seen map[verify.Place]*tally) (fail, other []verify.Hit) {
	for place, t := range seen {
		for _, k := range kinds() {
			n := t.kinds[k]
			if k == recognise.Number {
				continue
			}
			chance := chanceOf(k) * float64(t.numbers)
			if k == recognise.Phone {
				chance += float64(t.plain)
			}
			if float64(n) <= chance+5*math.Sqrt(chance) || t.repeats(k) {
				continue
			}
			h := verify.Hit{Finding: verify.Recognised, Target: place, Kind: k.String(), Values: n, Rows: n, Of: t.sampled, Chance: chance}
			if n >= fewest && float64(n) >= leastShare*float64(t.sampled) && float64(n) > 2*chance+5*math.Sqrt(chance) {
				fail = append(fail, h)
			} else {
				other = append(other, h)
			}
		}
	}
	slices.SortFunc(fail, compare)
	slices.SortFunc(other, compare)
	return fail, other
}

// repeats reports whether chance explains the different values that match a kind. A key of one row can match by chance,
// and stand in very many rows that reference it.
func (t *tally) repeats(k recognise.Kind) bool {
	n, plain := 0, 0
	for _, of := range t.different {
		if of>>k&1 == 1 {
			n++
		}
		if k == recognise.Phone && of&plainly != 0 {
			plain++
		}
	}
	if chanceOf(k) == 0 || n == 0 {
		return false
	}
	chance := chanceOf(k)*float64(len(t.different)) + float64(plain)
	return float64(n) <= chance+2*math.Sqrt(chance)
}

func compare(a, b verify.Hit) int {
	x, y := a.Target, b.Target
	return cmp.Or(x.Table.Compare(y.Table), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Path, y.Path), cmp.Compare(a.Kind, b.Kind))
}
