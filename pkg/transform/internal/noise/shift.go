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
			Summary: "moves a date or timestamp by a keyed time, never zero",
			Doc: "A date moves by at least one day and at most `days`, forwards or backwards. A timestamp moves by up to a day more, so that its time of day does not stay. With `time: keep`, it moves by whole days.\n\n" +
				"With `days` below 7, the disclosure label is `unchanged`. It is also `unchanged` for timestamps with `time: keep`, because an exact time of day can identify one event.\n\n" +
				"With a subject, all dates of the subject move by the same number of days, and all timestamps of the subject move by the same time. Therefore the order of the dates and the intervals between them stay. " +
				"The interval between a date and a timestamp changes by less than a day. A date of birth (class `birth_date`) has a shift of its own, unless a CHECK constraint compares it with another date of the subject. " +
				"Without a subject, the shift depends on the value. Equal values then get equal results, but the order of values may change.\n\n" +
				"A person who knows one date of a subject before and after the shift knows the shift of all dates of the subject. A column that is kept and grows with the date, such as another date or a key, also shows the shift. " +
				"With a subject, a date in the year 9999 stays, because such a date usually means that there is no end. Its result would tell the shift. For any other date that many subjects share, use `when`.\n\n" +
				"A result outside the bounds of a simple CHECK constraint, or of partitions without gaps, becomes the bound, so that the order stays. Without a subject, the value moves in the other direction instead. " +
				"Dates before Christ are shifted like all others. A result outside the type's range becomes the nearest day inside. If this day is the day of the value, the value moves in the other direction." + treatment.SpecialDoc,
			Params: []transform.Param{
				{Name: "days", Type: "integer", Tells: transform.Smaller, Default: int64(365), Doc: "the largest shift in days, 1 to 36500"},
				{Name: "time", Type: "move|keep", Tells: transform.Larger, Default: "move", Doc: "for timestamps: move the time of day too, or keep it"},
				treatment.SpecialParam(),
			},
			Families:  []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ},
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "With a subject: if they find this person's row, for example by an interval, they know the shift of this person, and read all dates with the same shift. Dates that follow the calendar tell the shift without any known value: the first of each month, or working days. A date that many people share tells it too, such as the day of a migration. If a date and a timestamp of one event are both shifted, their results tell the time of day. For every other person, they read the intervals between the dates, and each date to within `days`. With `time: keep`, they also read the time of day. Without a subject: they read each date to within `days`, and see which dates are equal.",
			Preserves: []string{transform.Order, transform.Equality, transform.Format},
			Examples: []transform.Example{
				{Type: date, Use: transform.Use{Treatment: "shift"}, In: "1984-02-29", Out: "1984-01-27"},
				{Type: stamp, Use: transform.Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: transform.Params{"days": int64(30)}}, Subject: "7", In: "2024-02-28 23:59:59.5+00", Out: "2024-03-10 22:19:28.203736+00"},
				{Type: stamp, Use: transform.Use{Treatment: "shift", Subject: "id", SubjectType: &exampleID, Params: transform.Params{"days": int64(30)}}, Subject: "7", In: "2024-03-01 00:00:00+00", Out: "2024-03-11 22:19:28.703736+00", Note: "the same subject: the interval stays"},
			},
		},
		Scalar: func(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			days := a.Integer("days", 1, 36500)
			s := &shift{days: uint64(days), family: c.Type.Family, clamps: u.Subject != "", bounds: boundsOf(c.Type)}
			if c.Type.Family == catalog.Date {
				a.Unused("time", c)
			} else {
				s.moves = a.Word("time", "move", "keep") == "move"
			}
			discloses := transform.Pseudonymised
			if days < treatment.LeastDays || c.Type.Family != catalog.Date && !s.moves {
				discloses = transform.Unchanged // an exact time of day can identify one event
			}
			return treatment.ScalarPlan{
				Traits: transform.Traits{Space: float64(2 * days), Discloses: discloses},
				Seed:   "shift",
				Build:  func(transform.Keys) treatment.Scalar { return s },
			}, nil
		},
	}
}

// noEnd is the year of dates that mean that something has no end. Many subjects have the same date in this year. If the
// result depended on the subject, it would show by how much all dates of the subject are shifted.
const noEnd = 9999

type shift struct {
	days   uint64
	family catalog.Family
	moves  bool // the time of day moves too
	clamps bool // set if there is a subject: a result beyond a bound becomes the bound, which keeps the order
	bounds bounds
}

func (s *shift) Append(dst, in []byte, seed *transform.Seed) ([]byte, error) {
	m, ok := moment.Parse(in)
	if !ok || s.family == catalog.Date && len(m.Rest) > 0 {
		return dst, moment.ErrNotDate()
	}
	if year, _, _ := moment.DateOf(m.Day); s.clamps && year == noEnd {
		return append(dst, in...), nil
	}
	if len(m.Rest) == 0 { // a date, also as a text in a document
		return s.appendDay(dst, m, seed), nil
	}
	c, ok := moment.ParseClock(m.Rest)
	if !ok {
		return dst, moment.ErrNotDate()
	}
	by, within := s.delta(seed)
	if !s.moves {
		within = 0
	}
	was := instant{m.Day, c.Micros}
	to := was.plus(by, within)
	if !s.bounds.hold(to) && !s.clamps {
		to = was.plus(-by, -within)
	}
	to = s.bounds.nearest(to)
	m.Day, c.Micros, c.Decimals = to.day, to.micros, 6 // zeros at the end are not written
	if m.Clamp(s.family) && m.Day == was.day {
		m.Day = was.day - by // the value is at the end of the range and must not stay there
	}
	return moment.AppendStamp(dst, m, c), nil
}

// appendDay appends the result for a date.
func (s *shift) appendDay(dst []byte, m moment.Moment, seed *transform.Seed) []byte {
	was := m.Day
	by, _ := s.delta(seed)
	to := instant{day: was + by}
	if !s.bounds.hold(to) && !s.clamps {
		to.day = was - by
	}
	m.Day = s.bounds.nearest(to).day
	if m.Clamp(s.family) && m.Day == was {
		m.Day = was - by // the value is at the end of the range and must not stay there
	}
	return m.Append(dst)
}

// delta returns a random number of days, and a random part of a day in microseconds with the same sign. The days are
// from -s.days to s.days without 0, so a timestamp moves by at least a day, like a date. All results are equally
// likely.
func (s *shift) delta(seed *transform.Seed) (days, within int64) {
	hi, lo := draw.Halves(seed)
	pick, _ := bits.Mul64(hi, 2*s.days)
	part, _ := bits.Mul64(lo, uint64(moment.DayMicros))
	if pick < s.days {
		return -int64(pick) - 1, -int64(part)
	}
	return int64(pick-s.days) + 1, int64(part)
}
