// Package sample holds the treatment that draws from a column's own distribution. It also defines what a run must count
// for the treatment.
package sample

import (
	"fmt"
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

func Definition() *treatment.Definition {
	counted := &transform.Model{Weights: []float64{70, 20, 10, 0}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "sample",
			Summary: "draws values from the column's own distribution, which is learned with noise",
			Doc: "Before a run reads rows, the run counts the column's values in its snapshot. It then chooses random results by these counts. " +
				"If the table has a subject, only one row of each subject is counted. Which row is counted depends only on the row's place in the table. Therefore a person with many rows has no more weight than any other person. " +
				"All rows without a subject count as one subject. If the table has no subject, every row counts.\n\n" +
				"- Numbers, dates and timestamps are counted in `buckets` of equal width within `range`. A result is uniform within its bucket. " +
				"Numbers have the column's decimals, dates are whole days, and timestamps are whole seconds.\n" +
				"- Booleans and enums are counted by label.\n" +
				"- Texts are counted by value. Only the 10,000 most frequent texts are counted. Texts of more than 1,000 bytes are left out. " +
				"A result is always one of the column's own texts. A column whose texts are all rarer than `least` stops the refresh.\n\n" +
				"Each count gets Laplace noise of 1/epsilon. The learned distribution is epsilon-differentially private for one subject, or for one row if the table has no subject. For texts, delta is 0.000001. " +
				"Each run adds new noise. Results therefore differ between runs, even with the same key. Every run spends epsilon again, and the ledger adds up what the runs spend. " +
				"Only the noise and the range protect the values. Choose the range from general knowledge, not from the data.\n\n" +
				"Each column is learned alone, so correlations between columns are lost. Without `as`, a value is its own seed: within a run, equal values get equal results. " +
				"A frequent value then becomes one frequent result, with the exact count of the source. If a column has few different values, use `as` with a subject.\n\n" +
				"NULL stays NULL. A value may be its own result by chance. The treatment is allowed only as a column's own rule, without `when`.",
			Params: []transform.Param{
				{Name: "epsilon", Type: "number", Tells: transform.Larger, Default: int64(1), Doc: "privacy that one run spends, above 0 and at most 10; a smaller number adds more noise"},
				{Name: "range", Type: "range", Doc: "lowest and highest value, both included; required for numbers, dates and timestamps; values outside are counted as the nearest of the two"},
				{Name: "buckets", Type: "integer", Tells: transform.Larger, Default: int64(64), Doc: "number of buckets for numbers, dates and timestamps, 2 to 1000"},
				{Name: "least", Type: "integer", Tells: transform.Smaller, Default: int64(20), Doc: "for texts: a value with a lower noisy count of subjects is never drawn; the limit is at least 1.5 + ln(500,000)/epsilon"},
			},
			Families: append(append(treatment.NumericFamilies(), treatment.TimeFamilies()...), catalog.Boolean, catalog.Enum, catalog.Text),
			// As for other treatments, the disclosure is synthetic if a subject is the seed, and pseudonymised if the
			// value is the seed.
			Discloses: transform.Pseudonymised,
			Varies:    transform.WithRule,
			Learns: "With `as`: the result tells nothing about this person's row. Without `as`: equal values have equal results. If other columns show them this person's row, they find everybody with the same value. " +
				"They also learn how frequent the values of all persons are, with noise. In a column of texts, every result is a text that is frequent in the source.",
			Preserves: []string{},
			Alone:     true,
			Examples: []transform.Example{
				{
					Type: treatment.IDType(), Use: transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(0), int64(99)}, "buckets": int64(4)}, Model: counted},
					In: "42", Out: "14", Note: "70 % of the values are from 0 to 24, 20 % from 25 to 49, 10 % from 50 to 74",
				},
				{
					Type: treatment.DateType(), Use: transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{"2020-01-01", "2023-12-31"}, "buckets": int64(4)}, Model: counted},
					In: "2023-05-06", Out: "2021-07-14", Note: "70 % lie in 2020, 20 % in 2021",
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "sample", Params: transform.Params{"epsilon": 0.5, "least": int64(50)}, Model: &transform.Model{Weights: []float64{900, 300}, Labels: []string{"standard", "express"}}},
					In: "by hand to the castle", Out: "standard", Note: "the value was too rare to be learned",
				},
			},
		},
		Whole: prepareSample,
	}
}

// Sampling says what a run must count in a column, and makes a Model of the counts.
type Sampling struct {
	Epsilon   float64
	Low, High float64  // limits of the buckets: numbers, or days or seconds since 1970; High is excluded
	Buckets   int      // number of buckets; 0 if labels are counted
	Labels    []string // all possible labels; nil for texts and for buckets
	Least     float64  // for texts: lowest noisy count of a label
}

// Of returns the Sampling of a column with the treatment sample.
func Of(c transform.Column, u transform.Use) (Sampling, error) {
	a, err := treatment.ReadArgs(&Definition().Spec, u.Params)
	if err != nil {
		return Sampling{}, err
	}
	s := newSampler(c, a)
	return s.Sampling, a.Problem()
}

func prepareSample(_ treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	s := newSampler(c, a)
	if err := a.Problem(); err != nil {
		return treatment.Blueprint{}, err
	}
	p := treatment.ScalarPlan{Traits: transform.Traits{Space: s.space(), Discloses: transform.Pseudonymised}, Seed: "sample"}
	if u.Subject != "" {
		p.Traits.Discloses = transform.Synthetic
	}
	p.Build = func(transform.Keys) treatment.Scalar { return s.with(u.Model) }
	if u.Model != nil {
		p.Words = func() []string { return u.Model.Labels }
	}
	b, err := treatment.Wrap(c, u, p)
	b.Traits.Equality = false // two columns of one domain have different models
	return b, err
}

// newSampler reads the parameters.
func newSampler(c transform.Column, a *treatment.Args) *sampler {
	s := &sampler{typ: c.Type, at: laneOf(c)}
	s.Epsilon = positive(a, "epsilon", 10)
	switch c.Type.Family {
	case catalog.Boolean:
		s.Labels = []string{"f", "t"}
	case catalog.Enum:
		s.Labels = slices.Clone(c.Type.Labels)
	case catalog.Text:
		s.Least = max(float64(a.Integer("least", 1, 1e9)), threshold(s.Epsilon))
	}
	if c.Type.Family != catalog.Text {
		a.Unused("least", c)
	}
	if !s.ranged() {
		a.Unused("range", c)
		a.Unused("buckets", c)
		return s
	}
	if !a.Given("range") {
		a.Fail("range", "sample needs it for type %s: the lowest and the highest value, chosen without looking at the data", treatment.TypeName(c))
		return s
	}
	s.bounds(c, a)
	s.Buckets = int(min(uint64(a.Integer("buckets", 2, 1000)), s.units))
	return s
}

// positive reads a number that is above 0 and not above the argument most.
func positive(a *treatment.Args, name string, most float64) float64 {
	f := a.Decimal(name)
	v := float64(f.Steps) / math.Pow10(f.Scale)
	if a.Problem() == nil && (v <= 0 || v > most) {
		a.Fail(name, "must be a number above 0, at most %v", most)
	}
	return v
}

// bounds reads the parameter range, in steps of the results.
func (s *sampler) bounds(c transform.Column, a *treatment.Args) {
	unit := 1.0
	var hi int64
	switch c.Type.Family {
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		s.lo, hi = a.Days("range")
		if c.Type.Family != catalog.Date {
			s.lo, hi = s.lo*daySeconds, (hi+1)*daySeconds-1
		}
	default:
		s.lo, hi = s.numbers(c, a)
		unit = math.Pow10(s.scale)
	}
	if a.Problem() != nil {
		s.units = 2
		return
	}
	s.units = uint64(hi - s.lo + 1)
	s.Low, s.High = float64(s.lo)/unit, float64(hi+1)/unit
}

const daySeconds = moment.DayMicros / moment.SecondMicros

// numbers reads a range of numbers. It also sets the number of decimals of the results, which is that of the column's
// type. For a type without a fixed number, numbers adds decimals until the range has a million steps, but at most nine.
func (s *sampler) numbers(c transform.Column, a *treatment.Args) (lo, hi int64) {
	const fits = 1 << 53
	wrong := func() (int64, int64) {
		a.Fail("range", "must be two numbers, the lower first, with no more decimals than the column has and at most 15 digits: [0, 1000]")
		return 0, 1
	}
	list, _ := a.Value("range").([]any)
	if len(list) != 2 {
		return wrong()
	}
	low, ok1 := treatment.AsFixedPoint(list[0])
	high, ok2 := treatment.AsFixedPoint(list[1])
	if !ok1 || !ok2 {
		return wrong()
	}
	switch {
	case c.Type.Family == catalog.Integer:
	case c.Type.Precision > 0:
		s.scale, s.pad = min(max(c.Type.Scale, 0), 9), max(c.Type.Scale, 0)
	default:
		s.scale = max(low.Scale, high.Scale)
		width := float64(high.Steps)/math.Pow10(high.Scale) - float64(low.Steps)/math.Pow10(low.Scale)
		for s.scale < 9 && width*math.Pow10(s.scale) < 1e6 {
			s.scale++
		}
		s.pad = s.scale
	}
	if low.Scale > s.scale || high.Scale > s.scale {
		return wrong()
	}
	lo, ok1 = low.At(s.scale)
	hi, ok2 = high.At(s.scale)
	if !ok1 || !ok2 || lo >= hi || lo <= -fits || hi >= fits {
		return wrong()
	}
	least, most := literal.Bounds(c.Type)
	unit := math.Pow10(s.scale)
	if float64(lo)/unit < float64(least) || float64(hi)/unit > float64(most)+1-1/unit {
		a.Fail("range", "is larger than type %s", treatment.TypeName(c))
	}
	return lo, hi
}

// laneOf returns the lane of a column. Package draw makes independent choices for different lanes, so columns with one
// subject get independent results.
func laneOf(c transform.Column) uint64 {
	return canon.Hash(0, []byte(c.Table.String()+"."+catalog.Quote(c.Name)))
}

// CheckAlone refuses sample everywhere except as a column's own rule, because a run learns only whole columns.
func CheckAlone(c transform.Column, u transform.Use) error {
	if u.Treatment == "sample" {
		switch {
		case u.When != "":
			return &transform.ParamError{Param: "when", Text: "sample learns from the whole column and cannot stand under a condition"}
		case c.Type.Elem != nil || c.Type.Family == catalog.Array:
			return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("sample cannot take type %s: it learns from single values, not from parts of one", treatment.TypeName(c))}
		}
	}
	for _, p := range u.Paths {
		if usesSample(p.Use) {
			return &transform.ParamError{Param: p.Path, Text: "sample learns from a whole column and cannot stand inside a document"}
		}
	}
	if u.Else != nil && usesSample(*u.Else) {
		return &transform.ParamError{Param: transform.ElseParam + "treat", Text: "sample learns from the whole column and cannot stand under a condition"}
	}
	for _, r := range u.Reads {
		if r.Use != nil && usesSample(*r.Use) {
			return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s reads the result of column %s, which is sampled; only the column itself can hold sampled results", u.Treatment, r.Name)}
		}
	}
	return nil
}

// usesSample reports whether a use or a nested use is the treatment sample.
func usesSample(u transform.Use) bool {
	return u.Treatment == "sample" || u.Else != nil && usesSample(*u.Else) ||
		slices.ContainsFunc(u.Paths, func(p transform.Path) bool { return usesSample(p.Use) }) ||
		slices.ContainsFunc(u.Reads, func(r transform.Read) bool { return r.Use != nil && usesSample(*r.Use) })
}
