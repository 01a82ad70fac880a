package mask

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const edgeDoc = "A result outside the type's range becomes the first day of the next period." + treatment.SpecialDoc

// Date returns the treatment generalize.date.
func Date() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.date",
			Summary: "replaces a date or timestamp by the first day of its month, quarter, year or decade",
			Doc: "The time of day becomes midnight, in UTC for timestamptz. A date that is already the first day of its period stays unchanged.\n\n" +
				"`earliest` limits how early a date can be. If `earliest` is a day 90 years ago, birth dates do not reveal ages above 90. The day does not move by itself, so set a later day each year.\n\n" + edgeDoc,
			Params: []transform.Param{
				{Name: "to", Type: "month|quarter|year|decade", Tells: transform.Smaller, Required: true, Doc: "the period whose first day is the result"},
				{Name: "earliest", Type: "text", Doc: `earlier dates become the first day of the period that contains this date: "1935-01-01"`},
				treatment.SpecialParam(),
			},
			Families:  treatment.TimeFamilies(),
			Discloses: transform.Generalised,
			Learns:    "They find this person's row among the rows of the same period. For every other person, they read the period.",
			Preserves: []string{transform.Order, transform.Equality, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.DateType(), Use: transform.Use{Treatment: "generalize.date", Params: transform.Params{"to": "month"}}, In: "1984-02-29", Out: "1984-02-01"},
				{Type: treatment.DateType(), Use: transform.Use{Treatment: "generalize.date", Params: transform.Params{"to": "decade"}}, In: "1984-02-29", Out: "1980-01-01"},
				{Type: treatment.DateType(), Use: transform.Use{Treatment: "generalize.date", Params: transform.Params{"to": "year", "earliest": "1935-06-01"}}, In: "1921-11-05", Out: "1935-01-01"},
				{Type: treatment.StampTZType(), Use: transform.Use{Treatment: "generalize.date", Params: transform.Params{"to": "quarter"}}, In: "2024-05-17 23:59:59.5+00", Out: "2024-04-01 00:00:00+00"},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			p := period{to: a.Word("to", "month", "quarter", "year", "decade"), family: c.Type.Family}
			if a.Given("earliest") {
				p.folds = true
				m, ok := moment.Parse([]byte(a.Text("earliest")))
				if !ok || len(m.Rest) > 0 {
					a.Fail("earliest", `must be a date such as "1935-01-01"`)
				}
				p.earliest = p.first(m.Day)
			}
			t := transform.Traits{Equality: true, Space: map[string]float64{"month": 1200, "quarter": 400, "year": 100, "decade": 10}[p.to], Discloses: transform.Generalised}
			return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &p }}, nil
		},
	}
}

type period struct {
	to       string
	family   catalog.Family
	folds    bool
	earliest int64
}

func (p *period) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	m, ok := moment.Parse(in)
	if !ok {
		return dst, moment.ErrNotDate()
	}
	m.Day = p.start(m.Day, p.family)
	if p.folds && m.Day < p.earliest {
		m.Day = p.earliest
	}
	return moment.AppendMidnight(dst, m, p.family), nil
}

// start returns the first day of the period that has the given day. If this first day is before the range of the type
// family, start returns the first day of the next period. It does not return the first day of the range: only few
// values would become that day, so the result would tell too much.
func (p *period) start(day int64, f catalog.Family) int64 {
	m := moment.Moment{Day: p.first(day)}
	was := m.Day
	if !m.Clamp(f) {
		return was
	}
	longest := map[string]int64{"month": 31, "quarter": 92, "year": 366, "decade": 3653}[p.to]
	return p.first(was + longest)
}

// first returns the first day of the period that has the given day. A decade begins with a year that ends in 0. 1 BC
// counts as year 0.
func (p *period) first(day int64) int64 {
	year, month, _ := moment.DateOf(day)
	switch p.to {
	case "month":
		return moment.DaysFrom(year, month, 1)
	case "quarter":
		return moment.DaysFrom(year, (month-1)/3*3+1, 1)
	case "year":
		return moment.DaysFrom(year, 1, 1)
	}
	return moment.DaysFrom(moment.FloorDiv(year, 10)*10, 1, 1)
}
