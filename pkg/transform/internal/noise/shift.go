package noise

import (
	"math/bits"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Shift returns the treatment shift.
func Shift() *treatment.Definition {
	exampleID := treatment.IDType()
	date := catalog.Type{Name: "date", Base: "date", Family: catalog.Date}
	stamp := catalog.Type{Name: "timestamp with time zone", Base: "timestamptz", Family: catalog.TimestampTZ}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "shift",
			Summary: "moves a date by a keyed number of whole days, never zero",
			Doc: "The shift is at least one day and at most `days`, forwards or backwards. The time of day stays. With `days` below 7, and on timestamps, the label is `unchanged`: a time of day that stays finds one event.\n\n" +
				"With a subject, all dates of the subject move by the same number of days, so their order and their intervals stay. Without a subject, the shift depends on the value. " +
				"Equal values then get equal results, but the order of values may change.\n\n" +
				"Dates before Christ are shifted like all others. A result outside the type's range becomes the nearest day inside. If that is the day of the value, it is shifted in the other direction." + treatment.SpecialDoc,
			Params: []transform.Param{
				{Name: "days", Type: "integer", Tells: transform.Smaller, Default: int64(365), Doc: "the largest shift in days, 1 to 36500"},
				treatment.SpecialParam(),
			},
			Families:  []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ},
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "With a subject: if they find this person's row, for example by a time of day, they know the shift of this person, and read all dates that moved with it. Of every other person, they read the time of day, the intervals between the dates, and each date to within `days`. Without a subject: they read each date to within `days`, and see which dates are equal.",
			Preserves: []string{transform.Order, transform.Equality, transform.Format},
			Examples: []transform.Example{
				{Type: date, Use: transform.Use{Treatment: "shift"}, In: "1984-02-29", Out: "1984-01-27"},
				{Type: stamp, Use: transform.Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: transform.Params{"days": int64(30)}}, Subject: "7", In: "2024-02-28 23:59:59.5+00", Out: "2024-03-09 23:59:59.5+00"},
				{Type: stamp, Use: transform.Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: transform.Params{"days": int64(30)}}, Subject: "7", In: "2024-03-01 00:00:00+00", Out: "2024-03-11 00:00:00+00", Note: "the same subject: the interval stays"},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			days := a.Integer("days", 1, 36500)
			discloses := transform.Pseudonymised
			if days < treatment.LeastDays || c.Type.Family != catalog.Date {
				discloses = transform.Unchanged // a time of day that stays finds one event
			}
			s := &shift{days: uint64(days), family: c.Type.Family}
			return treatment.ScalarPlan{
				Traits: transform.Traits{Space: float64(2 * days), Discloses: discloses},
				Seed:   "shift",
				Build:  func(transform.Keys) treatment.Scalar { return s },
			}, nil
		},
	}
}

type shift struct {
	days   uint64
	family catalog.Family
}

func (s *shift) Append(dst, in []byte, seed *transform.Seed) ([]byte, error) {
	m, ok := moment.Parse(in)
	if !ok || s.family == catalog.Date && len(m.Rest) > 0 {
		return dst, moment.ErrNotDate()
	}
	was, by := m.Day, s.delta(seed)
	m.Day += by
	if m.Clamp(s.family) && m.Day == was {
		m.Day = was - by // the value is at the end of the range and must not stay there
	}
	return m.Append(dst), nil
}

// delta returns a random number from -days … -1 or 1 … days. All numbers are equally likely.
func (s *shift) delta(seed *transform.Seed) int64 {
	hi, _ := draw.Halves(seed)
	pick, _ := bits.Mul64(hi, 2*s.days)
	if pick < s.days {
		return -int64(pick) - 1
	}
	return int64(pick-s.days) + 1
}
