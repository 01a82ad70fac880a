package transform

import (
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

func truncateSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "truncate",
			Summary: "cuts a text to its first characters, or a date or timestamp to a precision",
			Doc: "A text no longer than `length` loses its second half instead, so that nothing but the empty text comes out whole; characters are Unicode code points. " +
				"Dates and timestamps are cut to the year, month, day, hour, minute or second (in UTC where there is a zone) and keep their order; one that has nothing below it comes out as it went in. " + infinityDoc,
			Params: []Param{
				{Name: "length", Type: "integer", Doc: "of texts, required there: characters that remain, at least 1"},
				{Name: "to", Type: "year|month|day|hour|minute|second", Doc: "of dates and timestamps, required there: the smallest unit that remains"},
				infinityParam(),
			},
			Families:  append([]catalog.Family{catalog.Text}, timeFamilies()...),
			Discloses: Generalised,
			Preserves: []string{Order, Equality, Format},
			Examples: []Example{
				{Type: textType(0), Use: Use{Treatment: "truncate", Params: Params{"length": int64(3)}}, In: "Hopper", Out: "Hop"},
				{Type: textType(0), Use: Use{Treatment: "truncate", Params: Params{"length": int64(3)}}, In: "Ada", Out: "A", Note: "no longer than length"},
				{Type: stampTZType(), Use: Use{Treatment: "truncate", Params: Params{"to": "hour"}}, In: "2024-02-29 23:59:59.5+00", Out: "2024-02-29 23:00:00+00"},
				{Type: dateType(), Use: Use{Treatment: "truncate", Params: Params{"to": "month"}}, In: "1984-02-29", Out: "1984-02-01"},
			},
		},
		scalar: planTruncate,
	}
}

func planTruncate(c Column, _ Use, a *args) (scalarPlan, error) {
	t := Traits{Equality: true, Space: 1000, Discloses: Generalised}
	if c.Type.Family == catalog.Text {
		a.unused("to", c)
		a.unused("infinity", c)
		h := head{length: int(a.integer("length", 1, 10000)), padded: c.Type.Padded}
		t.Equality = !c.Type.CaseInsensitive || c.Type.Base == "citext"
		return scalarPlan{traits: t, build: func(Keys) scalar { return &h }}, nil
	}
	a.unused("length", c)
	units := []string{"year", "month", "day", "hour", "minute", "second"}
	if c.Type.Family == catalog.Date {
		units = units[:2] // a date has nothing below the day
	}
	to := a.word("to", units...)
	p := precision{family: c.Type.Family, infinity: a.word("infinity", "stop", "keep") == "keep"}
	switch i := slices.Index(units, to); {
	case i > 2:
		p.step = []int64{3600e6, 60e6, 1e6}[i-3]
	case i < 2:
		p.period = period{to: to}
	}
	return scalarPlan{traits: t, build: func(Keys) scalar { return &p }}, nil
}

// head is the beginning of a text.
type head struct {
	length int
	padded bool
}

func (h *head) append(dst, in []byte, _ *Seed) ([]byte, error) {
	if h.padded {
		in = trimBlanks(in)
	}
	n := utf8.RuneCount(in)
	if n <= h.length {
		return append(dst, in[:skip(in, n/2)]...), nil
	}
	return append(dst, in[:skip(in, h.length)]...), nil
}

// precision cuts a date or timestamp to a period, to the day, or to a step within it.
type precision struct {
	family   catalog.Family
	infinity bool
	period   period // of years and months
	step     int64  // microseconds; 0 above hours
}

func (p *precision) append(dst, in []byte, _ *Seed) ([]byte, error) {
	if isInfinity(in) {
		return appendInfinity(dst, in, p.infinity)
	}
	m, ok := parseMoment(in)
	if !ok {
		return dst, errNotDate()
	}
	if p.period.to != "" {
		m.day = p.period.first(m.day)
	}
	if p.step == 0 {
		return appendMidnight(dst, m, p.family)
	}
	c, ok := parseClock(m.rest)
	if !ok || !m.fits(p.family) {
		return dst, errNotDate()
	}
	c.micros -= c.micros % p.step
	c.decimals = 0
	return appendStamp(dst, m, c), nil
}
