package fake

import (
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// valueFakes returns the fakes of numbers, dates and booleans, and of choices from a list.
func valueFakes() []*kind {
	return []*kind{integerFake(), numberFake(), dateFake(), booleanFake(), choiceFake()}
}

const sharedDraw = " If two columns have this treatment, the same subject and the same `as`, they get the same random choice."

func integerFake() *kind {
	return &kind{
		name: "fake.integer", summary: "invents a whole number within a range", anywhere: true,
		doc:      "All numbers of the range are equally likely. The size of the original does not matter." + sharedDraw,
		families: []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float},
		params:   []transform.Param{{Name: "range", Type: "range", Tells: transform.Neither, Required: true, Doc: "lowest and highest number, both included: [1, 100]"}},
		samples:  []sample{{typ: treatment.IDType(), params: transform.Params{"range": []any{int64(1), int64(100)}}, out: "23"}},
		check: func(f *fake, c transform.Column, a *treatment.Args) {
			f.lo, f.hi = a.Interval("range")
			least, most := literal.Bounds(c.Type)
			if c.Type.Family == catalog.Float {
				least, most = -1<<53, 1<<53
			}
			if a.Problem() == nil && (f.lo < least || f.hi > most) {
				a.Fail("range", "is larger than type %s, which holds %d to %d", treatment.TypeName(c), least, most)
			}
		},
		least: fixedLength(0), full: fixedLength(0), space: numberSpace,
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return decimal.AppendInt(dst, f.drawn(s, laneNumber))
		},
	}
}

func numberFake() *kind {
	money := catalog.Type{Name: "numeric(10,2)", Base: "numeric", Family: catalog.Numeric, Precision: 10, Scale: 2}
	return &kind{
		name: "fake.number", summary: "invents a number with decimals within a range", anywhere: true,
		doc:      "All numbers of the range with the right number of decimals are equally likely. The size of the original does not matter." + sharedDraw,
		families: []catalog.Family{catalog.Numeric, catalog.Float},
		params: []transform.Param{
			{Name: "range", Type: "range", Tells: transform.Neither, Required: true, Doc: "lowest and highest number, both included: [0.5, 99.99]"},
			{Name: "decimals", Type: "integer", Tells: transform.Neither, Doc: "number of decimals, 0 to 9; by default as many as the column has, or 2 if the column sets no number"},
		},
		samples: []sample{{typ: money, params: transform.Params{"range": []any{int64(5), 99.99}}, out: "69.40"}},
		check:   checkNumber,
		least:   fixedLength(0), full: fixedLength(0), space: numberSpace,
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return appendScaled(dst, f.drawn(s, laneNumber), f.scale)
		},
	}
}

func checkNumber(f *fake, c transform.Column, a *treatment.Args) {
	f.scale = 2
	if c.Type.Precision > 0 {
		f.scale = min(max(c.Type.Scale, 0), 9)
	}
	if a.Given("decimals") {
		f.scale = int(a.Integer("decimals", 0, 9))
		if c.Type.Precision > 0 && f.scale > c.Type.Scale {
			a.Fail("decimals", "is more than the %d decimals of the column", c.Type.Scale)
		}
	}
	list, _ := a.Value("range").([]any)
	unit := math.Pow10(f.scale)
	if len(list) == 2 {
		lo, ok1 := treatment.AsFloat(list[0])
		hi, ok2 := treatment.AsFloat(list[1])
		if ok1 && ok2 && lo < hi && max(math.Abs(lo), math.Abs(hi))*unit < 1<<53 {
			f.lo, f.hi = int64(math.Ceil(lo*unit-1e-9)), int64(math.Floor(hi*unit+1e-9))
		}
	}
	if f.lo >= f.hi {
		a.Fail("range", "must be two numbers, the lower first, with at most 15 digits: [0.5, 99.99]")
	}
	if digits := c.Type.Precision - c.Type.Scale; c.Type.Precision > 0 && a.Problem() == nil {
		if most := math.Pow10(digits) * unit; max(math.Abs(float64(f.lo)), math.Abs(float64(f.hi))) >= most {
			a.Fail("range", "is larger than type %s", treatment.TypeName(c))
		}
	}
}

func dateFake() *kind {
	date, stamp := treatment.TypeNamed("date", "date", catalog.Date), treatment.TypeNamed("timestamp with time zone", "timestamptz", catalog.TimestampTZ)
	return &kind{
		name: "fake.date", summary: "invents a date within a range", anywhere: true,
		doc:      "All days of the range are equally likely. Timestamps also get a time of day, in whole seconds. The date of the original does not matter. To preserve order and intervals, use shift." + sharedDraw,
		families: []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Text},
		params:   []transform.Param{dateRange("2000-01-01", "2024-12-31")},
		samples:  []sample{{typ: date, out: "2018-02-22"}, {typ: stamp, params: transform.Params{"range": []any{"2020-01-01", "2020-01-31"}}, out: "2020-01-23 23:50:46+00"}},
		check:    checkDates,
		least:    fixedLength(moment.DateLen), full: fixedLength(moment.DateLen), space: numberSpace,
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			dst = moment.AppendDay(dst, f.drawn(s, laneDate))
			if f.typ.Family != catalog.Timestamp && f.typ.Family != catalog.TimestampTZ {
				return dst
			}
			second := int64(draw.Pick(s, laneTime, 24*60*60))
			dst = decimal.AppendDigits(append(dst, ' '), second/3600, 2)
			dst = decimal.AppendDigits(append(dst, ':'), second/60%60, 2)
			dst = decimal.AppendDigits(append(dst, ':'), second%60, 2)
			if f.typ.Family == catalog.TimestampTZ {
				dst = append(dst, "+00"...)
			}
			return dst
		},
	}
}

func booleanFake() *kind {
	return &kind{
		name: "fake.boolean", summary: "invents true or false", anywhere: true,
		doc:      "The result is true with a chance of `true_percent`. The result often equals the original by chance." + sharedDraw,
		families: []catalog.Family{catalog.Boolean},
		params:   []transform.Param{{Name: "true_percent", Type: "integer", Tells: transform.Neither, Default: int64(50), Doc: "chance of true in percent, 1 to 99"}},
		samples:  []sample{{typ: treatment.TypeNamed("boolean", "bool", catalog.Boolean), out: "t"}},
		check:    func(f *fake, _ transform.Column, a *treatment.Args) { f.hi = a.Integer("true_percent", 1, 99) },
		least:    fixedLength(0), full: fixedLength(0),
		space: func(*fake) float64 { return 2 },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			if int64(draw.Pick(s, laneChoice, 100)) < f.hi {
				return append(dst, 't')
			}
			return append(dst, 'f')
		},
	}
}

func choiceFake() *kind {
	return &kind{
		name: "fake.choice", summary: "picks one of a few values", anywhere: true,
		doc: "The result is one of `values`. All entries are equally likely. To double the chance of a value, list it twice. Without `values`, the choices are the labels of the enum, or the values that a CHECK constraint of the column lists. " +
			"The result may equal the original by chance." + sharedDraw,
		families: []catalog.Family{catalog.Text, catalog.Enum, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Date},
		params:   []transform.Param{{Name: "values", Type: "list", Tells: transform.Neither, Doc: "the choices; each must fit the column"}},
		samples: []sample{
			{params: transform.Params{"values": []any{"open", "paid", "cancelled"}}, out: "paid"},
			{typ: catalog.Type{Name: "public.mood", Base: "mood", Family: catalog.Enum, Labels: []string{"sad", "ok", "happy"}}, out: "sad"},
		},
		check: func(f *fake, c transform.Column, a *treatment.Args) {
			if !a.Given("values") && c.Type.Family == catalog.Enum {
				f.list = c.Type.Labels
				return
			}
			f.list = constantList(a, "values", c.Type)
		},
		least: fixedLength(1),
		full:  func(f *fake) int { return locale.LongestOf(f.list) },
		space: func(f *fake) float64 { return locale.DistinctCut(f.list, unlimited) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return append(dst, draw.Choose(s, laneChoice, f.list)...)
		},
	}
}
