// Package sample holds the treatment that draws from a column's own distribution, and says what a run has to count for it.
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
			Summary: "draws values from the column's own distribution, learned with noise",
			Doc: "Before the rows are read, the column's values are counted under the run's snapshot: by `buckets` of equal width within `range`, of booleans and enums by label, of texts by value. Each count gets Laplace noise " +
				"of 1/epsilon, so the learned distribution is epsilon-differentially private for one row; of texts for delta = 0.000001, of the 10,000 most frequent, with those of more than 1,000 bytes left out. What is drawn is " +
				"uniform within its bucket: numbers with the column's decimals, whole days, whole seconds. " +
				"Each column is learned by itself: no correlation between columns is kept. Without `as` a value seeds itself, so equal values get equal results within a run and a frequent value becomes one frequent result, " +
				"whose exact count is the source's: use `as` with a subject where a column has few different values. The noise is drawn anew for each run, so results differ between runs, whatever the key; every run spends " +
				"epsilon again, and the ledger adds it up. Protected is what the noise covers and the range cuts: choose the range from what is generally known, not from the data. NULLs stay where they were. A value may by " +
				"chance be its own result; a text that is drawn is one of the column's. A column whose texts are all rarer than `least` stops the refresh. Only as a column's own rule, without when.",
			Params: []transform.Param{
				{Name: "epsilon", Type: "number", Default: int64(1), Doc: "the privacy that one run spends, above 0 up to 10; less is more noise"},
				{Name: "range", Type: "range", Doc: "of numbers, dates and timestamps, and needed there: the lowest and the highest, both included; values outside are counted as the nearest of these"},
				{Name: "buckets", Type: "integer", Default: int64(64), Doc: "of numbers, dates and timestamps: 2 to 1000"},
				{Name: "least", Type: "integer", Default: int64(20), Doc: "of texts: a value whose noisy count is below is never drawn; never less than 1 + ln(1,000,000)/epsilon"},
			},
			Families: append(append(treatment.NumericFamilies(), treatment.TimeFamilies()...), catalog.Boolean, catalog.Enum, catalog.Text),
			// As everywhere: synthetic where the row's subject seeds, pseudonymised where the value does.
			Discloses: transform.Pseudonymised,
			Preserves: []string{},
			Alone:     true,
			Examples: []transform.Example{
				{
					Type: treatment.IDType(), Use: transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(0), int64(99)}, "buckets": int64(4)}, Model: counted},
					In: "42", Out: "14", Note: "70 % lie below 25, 20 % below 50, 10 % below 75",
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

// Sampling is what has to be counted of a column, and how it becomes a Model.
type Sampling struct {
	Epsilon   float64
	Low, High float64  // of numbers, days or seconds since 1970: the buckets' ends, High excluded
	Buckets   int      // 0: labels are counted
	Labels    []string // all there can be; nil of texts
	Least     float64  // of texts: the noisy count a label needs
}

// Of says what a column under the treatment sample asks for.
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
	b, err := treatment.Wrap(c, u, p)
	b.Traits.Equality = false // two columns of one domain have two models
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

// positive reads a number above 0 up to most.
func positive(a *treatment.Args, name string, most float64) float64 {
	f := a.Decimal(name)
	v := float64(f.Steps) / math.Pow10(f.Scale)
	if a.Problem() == nil && (v <= 0 || v > most) {
		a.Fail(name, "wants a number above 0, at most %v", most)
	}
	return v
}

// bounds reads the range in steps of the results.
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

// numbers reads a range of numbers and settles the decimals of the results: the type's, else as many as
// divide the range into a million steps.
func (s *sampler) numbers(c transform.Column, a *treatment.Args) (lo, hi int64) {
	const fits = 1 << 53
	wrong := func() (int64, int64) {
		a.Fail("range", "wants two numbers, the lower first, with no more decimals than the column has and at most 15 digits: [0, 1000]")
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
		a.Fail("range", "leaves the type %s", treatment.TypeName(c))
	}
	return lo, hi
}

// laneOf keeps two columns that one subject seeds apart.
func laneOf(c transform.Column) uint64 {
	return canon.Hash(0, []byte(c.Table.String()+"."+catalog.Quote(c.Name)))
}

// CheckAlone refuses sample anywhere but as a column's own rule: that is where it can be learned.
func CheckAlone(c transform.Column, u transform.Use) error {
	if u.Treatment == "sample" {
		switch {
		case u.When != "":
			return &transform.ParamError{Param: "when", Text: "sample learns from the whole column; it cannot stand under a condition"}
		case c.Type.Elem != nil || c.Type.Family == catalog.Array:
			return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("sample cannot take type %s: it learns from single values, not from parts of one", treatment.TypeName(c))}
		}
	}
	for _, p := range u.Paths {
		if holdsSample(p.Use) {
			return &transform.ParamError{Param: p.Path, Text: "sample learns from a whole column; it cannot stand inside a document"}
		}
	}
	if u.Else != nil && holdsSample(*u.Else) {
		return &transform.ParamError{Param: transform.ElseParam + "treat", Text: "sample learns from the whole column; it cannot stand under a condition"}
	}
	for _, r := range u.Reads {
		if r.Use != nil && holdsSample(*r.Use) {
			return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s wants what column %s becomes, and that is sampled, which only the column itself can be", u.Treatment, r.Name)}
		}
	}
	return nil
}

// holdsSample says whether sample stands anywhere in a use.
func holdsSample(u transform.Use) bool {
	return u.Treatment == "sample" || u.Else != nil && holdsSample(*u.Else) ||
		slices.ContainsFunc(u.Paths, func(p transform.Path) bool { return holdsSample(p.Use) }) ||
		slices.ContainsFunc(u.Reads, func(r transform.Read) bool { return r.Use != nil && holdsSample(*r.Use) })
}
