package mask

import (
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Truncate returns the treatment truncate.
func Truncate() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "truncate",
			Summary: "cuts a text to its first characters, or a date or timestamp to a unit of time",
			Doc: "A text is cut to its first `length` characters, and to its first half if that is shorter. Therefore at most half of a text stays. Characters are Unicode code points.\n\n" +
				"A date or timestamp is cut to its year, month, day, hour, minute or second, in UTC for timestamptz. The order of values stays. A value that has no smaller units stays unchanged. With a minute or a second, the disclosure label is `unchanged`, because such a time can identify one event. " + edgeDoc,
			Params: []transform.Param{
				{Name: "length", Type: "integer", Tells: transform.Larger, Doc: "for texts, required: largest number of characters that stay, at least 1"},
				{Name: "to", Type: "year|month|day|hour|minute|second", Tells: transform.Larger, Doc: "for dates and timestamps, required: the smallest unit that stays"},
				treatment.SpecialParam(),
			},
			Families:  append([]catalog.Family{catalog.Text}, treatment.TimeFamilies()...),
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They find this person's row among the rows with the same beginning or in the same unit of time. For every other person, they read the beginning of the text, or the time to the unit that stays.",
			Preserves: []string{transform.Order, transform.Equality, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "truncate", Params: transform.Params{"length": int64(3)}}, In: "Hopper", Out: "Hop"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "truncate", Params: transform.Params{"length": int64(3)}}, In: "Ada", Out: "A", Note: "the first half"},
				{Type: treatment.StampTZType(), Use: transform.Use{Treatment: "truncate", Params: transform.Params{"to": "hour"}}, In: "2024-02-29 23:59:59.5+00", Out: "2024-02-29 23:00:00+00"},
				{Type: treatment.DateType(), Use: transform.Use{Treatment: "truncate", Params: transform.Params{"to": "month"}}, In: "1984-02-29", Out: "1984-02-01"},
			},
		},
		Scalar: planTruncate,
	}
}

func planTruncate(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	t := transform.Traits{Equality: true, Space: 1000, Discloses: transform.Generalised}
	if c.Type.Family == catalog.Text {
		a.Unused("to", c)
		h := head{length: int(a.Integer("length", 1, 10000)), padded: c.Type.Padded}
		t.Equality = !c.Type.CaseInsensitive || c.Type.Base == "citext"
		return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &h }}, nil
	}
	a.Unused("length", c)
	units := []string{"year", "month", "day", "hour", "minute", "second"}
	if c.Type.Family == catalog.Date {
		units = units[:2] // a date has no unit smaller than a day
	}
	to := a.Word("to", units...)
	t.Discloses = treatment.GeneralisedIf(to != "minute" && to != "second") // a time to the minute can identify one event
	p := precision{family: c.Type.Family}
	switch i := slices.Index(units, to); {
	case i > 2:
		p.step = []int64{3600e6, 60e6, 1e6}[i-3]
	case i < 2:
		p.period = period{to: to}
	}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &p }}, nil
}

// head cuts a text to its beginning.
type head struct {
	length int
	padded bool
}

func (h *head) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if h.padded {
		in = canon.TrimBlanks(in)
	}
	return append(dst, in[:canon.Skip(in, min(h.length, utf8.RuneCount(in)/2))]...), nil
}

// precision cuts a date or timestamp to a period, to the day, or to a unit of the day.
type precision struct {
	family catalog.Family
	period period // for years and months
	step   int64  // the unit in microseconds, up to hours; 0 for larger units
}

func (p *precision) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	m, ok := moment.Parse(in)
	if !ok {
		return dst, moment.ErrNotDate()
	}
	if p.period.to != "" {
		m.Day = p.period.start(m.Day, p.family)
	}
	if p.step == 0 {
		return moment.AppendMidnight(dst, m, p.family), nil
	}
	c, ok := moment.ParseClock(m.Rest)
	if !ok {
		return dst, moment.ErrNotDate()
	}
	c.Micros -= c.Micros % p.step
	c.Decimals = 0
	return moment.AppendStamp(dst, m, c), nil
}
