package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

const infinityDoc = "infinity and -infinity stop the refresh unless infinity: keep, and so does a result outside the type's range."

func periodSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "generalize.date",
			Summary: "replaces a date or timestamp by the first day of its month, quarter, year or decade",
			Doc: "The time of day becomes midnight (UTC where there is a zone). `earliest` folds what lies before it: with a day 90 years ago, birth dates no longer " +
				"tell ages above 90; it is a fixed day, so move it on as years pass. A date that already is such a first day comes out as it went in. " + infinityDoc,
			Params: []Param{
				{Name: "to", Type: "month|quarter|year|decade", Required: true, Doc: "the period whose first day is the result"},
				{Name: "earliest", Type: "text", Doc: `earlier dates become the first day of the period this date lies in: "1935-01-01"`},
				infinityParam(),
			},
			Families:  timeFamilies(),
			Discloses: Generalised,
			Preserves: []string{Order, Equality, Format},
			Examples: []Example{
				{Type: dateType(), Use: Use{Treatment: "generalize.date", Params: Params{"to": "month"}}, In: "1984-02-29", Out: "1984-02-01"},
				{Type: dateType(), Use: Use{Treatment: "generalize.date", Params: Params{"to": "decade"}}, In: "1984-02-29", Out: "1980-01-01"},
				{Type: dateType(), Use: Use{Treatment: "generalize.date", Params: Params{"to": "year", "earliest": "1935-06-01"}}, In: "1921-11-05", Out: "1935-01-01"},
				{Type: stampTZType(), Use: Use{Treatment: "generalize.date", Params: Params{"to": "quarter"}}, In: "2024-05-17 23:59:59.5+00", Out: "2024-04-01 00:00:00+00"},
			},
		},
		scalar: func(c Column, _ Use, a *args) (scalarPlan, error) {
			p := period{
				to: a.word("to", "month", "quarter", "year", "decade"), family: c.Type.Family,
				infinity: a.word("infinity", "stop", "keep") == "keep",
			}
			if a.given("earliest") {
				p.folds = true
				m, ok := parseMoment([]byte(a.text("earliest")))
				if !ok || len(m.rest) > 0 {
					a.fail("earliest", `wants a date such as "1935-01-01"`)
				}
				p.earliest = p.first(m.day)
			}
			t := Traits{Equality: true, Space: map[string]float64{"month": 1200, "quarter": 400, "year": 100, "decade": 10}[p.to], Discloses: Generalised}
			return scalarPlan{traits: t, build: func(Keys) scalar { return &p }}, nil
		},
	}
}

type period struct {
	to       string
	family   catalog.Family
	infinity bool
	folds    bool
	earliest int64
}

func (p *period) append(dst, in []byte, _ *Seed) ([]byte, error) {
	if isInfinity(in) {
		return appendInfinity(dst, in, p.infinity)
	}
	m, ok := parseMoment(in)
	if !ok {
		return dst, errNotDate()
	}
	m.day = p.first(m.day)
	if p.folds && m.day < p.earliest {
		m.day = p.earliest
	}
	return appendMidnight(dst, m, p.family)
}

// first is the period's first day. Decades begin with years that end in 0; of years before Christ, 1 BC is 0.
func (p *period) first(day int64) int64 {
	year, month, _ := dateOf(day)
	switch p.to {
	case "month":
		return daysFrom(year, month, 1)
	case "quarter":
		return daysFrom(year, (month-1)/3*3+1, 1)
	case "year":
		return daysFrom(year, 1, 1)
	}
	return daysFrom(floorDiv(year, 10)*10, 1, 1)
}
