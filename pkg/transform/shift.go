package transform

import (
	"math/bits"

	"github.com/masker-project/masker/pkg/catalog"
)

func shiftSpec() *definition {
	exampleID := idType()
	date := catalog.Type{Name: "date", Base: "date", Family: catalog.Date}
	stamp := catalog.Type{Name: "timestamp with time zone", Base: "timestamptz", Family: catalog.TimestampTZ}
	return &definition{
		Spec: Spec{
			Name:    "shift",
			Summary: "moves a date by a keyed number of whole days, never zero",
			Doc: "By at least one day and at most `days`, forwards or backwards. Under a subject every date of the subject moves by the " +
				"same number of days, so order and intervals stay; elsewhere a value decides its own shift, and equal values stay equal but " +
				"order may not. The time of day stays as it is. Dates before Christ are shifted like any other; infinity and -infinity " +
				"stop the refresh unless infinity: keep. A result outside the type's range stops the refresh.",
			Params: []Param{
				{Name: "days", Type: "integer", Default: int64(365), Doc: "the largest shift, 1 to 36500"},
				{Name: "infinity", Type: "stop|keep", Default: "stop", Doc: "what becomes of infinity and -infinity"},
			},
			Families:  []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ},
			Discloses: Pseudonymised,
			Preserves: []string{Order, Equality, Format},
			Examples: []Example{
				{Type: date, Use: Use{Treatment: "shift"}, In: "1984-02-29", Out: "1984-01-27"},
				{Type: stamp, Use: Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: Params{"days": int64(30)}}, Subject: "7", In: "2024-02-28 23:59:59.5+00", Out: "2024-03-09 23:59:59.5+00"},
				{Type: stamp, Use: Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: Params{"days": int64(30)}}, Subject: "7", In: "2024-03-01 00:00:00+00", Out: "2024-03-11 00:00:00+00", Note: "the same subject: the interval stays"},
			},
		},
		scalar: func(c Column, _ Use, a *args) (scalarPlan, error) {
			days := a.integer("days", 1, 36500)
			s := &shift{days: uint64(days), family: c.Type.Family, infinity: a.word("infinity", "stop", "keep") == "keep"}
			return scalarPlan{
				traits: Traits{Space: float64(2 * days), Discloses: Pseudonymised},
				seed:   "shift",
				build:  func(Keys) scalar { return s },
			}, nil
		},
	}
}

type shift struct {
	days     uint64
	family   catalog.Family
	infinity bool // let infinity stand
}

func (s *shift) append(dst, in []byte, seed *Seed) ([]byte, error) {
	if isInfinity(in) {
		return appendInfinity(dst, in, s.infinity)
	}
	m, ok := parseMoment(in)
	if !ok {
		return dst, errNotDate()
	}
	m.day += s.delta(seed)
	if !m.fits(s.family) {
		return dst, errDateRange()
	}
	return m.append(dst), nil
}

// delta is uniform over -days … -1, 1 … days.
func (s *shift) delta(seed *Seed) int64 {
	hi, _ := halves(seed)
	pick, _ := bits.Mul64(hi, 2*s.days)
	if pick < s.days {
		return -int64(pick) - 1
	}
	return int64(pick-s.days) + 1
}
