package token

import (
	"fmt"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// decimalsDoc is part of the Doc of the treatments that permute numbers.
const decimalsDoc = "A numeric with a fixed number of decimals is permuted in steps of its last decimal. In a numeric without one, each value keeps its number of decimals, without zeros at the end."

// planPermuted plans a permutation of the numbers in a range, in steps of the type's last decimal. The argument family
// separates the permutations of different treatments.
func planPermuted(c transform.Column, u transform.Use, a *treatment.Args, family string) (treatment.ScalarPlan, error) {
	if !a.Given("range") {
		a.Fail("range", "a column of numbers needs it: [lowest, highest] possible value, both included")
		return treatment.ScalarPlan{}, nil
	}
	lo, hi := a.Interval("range")
	least, most := wholeBounds(c.Type)
	if lo < least || hi > most {
		a.Fail("range", "is larger than type %s, which holds %d to %d", treatment.TypeName(c), least, most)
	}
	if lo == math.MinInt64 && hi == math.MaxInt64 {
		a.Fail("range", "covers every 64-bit number; leave out one number")
	}
	shape := fmt.Sprintf("range %d..%d", lo, hi)
	if s := c.Type.Scale; s != 0 {
		shape += fmt.Sprintf(" in steps of 10^%d", -s)
	}
	lo, hi, ok := inSteps(c.Type, lo, hi)
	if !ok {
		a.Fail("range", "is too large for %d decimals: masker permutes at most 2^63 different numbers", c.Type.Scale)
		return treatment.ScalarPlan{}, nil
	}
	if lo > hi {
		a.Fail("range", "has no number that type %s holds", treatment.TypeName(c))
		return treatment.ScalarPlan{}, nil
	}
	n, free := uint64(hi)-uint64(lo)+1, c.Type.Family == catalog.Numeric && c.Type.Precision == 0
	domain := treatment.Domain(u, family)
	return treatment.ScalarPlan{
		Traits: transform.Traits{Unique: true, Equality: true, Space: float64(n), Discloses: transform.Pseudonymised, Shape: shape},
		Build: func(k transform.Keys) treatment.Scalar {
			whole := permuted{lo: lo, n: n, perm: k.Permutation(domain, n), scale: c.Type.Scale}
			if free {
				return newPermutedDecimals(whole, k.Numerals(domain+"/decimals", 10))
			}
			return &whole
		},
	}, nil
}

// wholeBounds returns the whole numbers between which all values of a type lie. For example, a numeric(4,2) holds at
// most 99.99, so its bound is 100.
func wholeBounds(t catalog.Type) (least, most int64) {
	least, most = literal.Bounds(t)
	if t.Family == catalog.Numeric && t.Precision > 0 && t.Scale > 0 && most < math.MaxInt64 {
		return least - 1, most + 1
	}
	return least, most
}

// inSteps returns the ends of a range in steps of the type's last digit, limited to what the type holds. The step is
// 100 for numeric(5,-2). It returns false if there are more than 2^63 steps.
func inSteps(t catalog.Type, lo, hi int64) (from, to int64, ok bool) {
	if t.Family != catalog.Numeric || t.Precision == 0 || t.Scale == 0 {
		return lo, hi, true
	}
	if t.Scale < 0 {
		if t.Scale < -18 {
			return 0, 0, true
		}
		step := int64(math.Pow10(-t.Scale))
		from, to = lo/step, hi/step
		if lo > 0 && lo%step != 0 {
			from++
		}
		if hi < 0 && hi%step != 0 {
			to--
		}
	} else {
		steps := math.Pow10(t.Scale)
		if most := int64(math.MaxInt64 / steps); t.Scale > 18 || lo < -most || hi > most {
			return 0, 0, false
		}
		from, to = lo*int64(steps), hi*int64(steps)
	}
	if t.Precision <= 18 {
		end := int64(math.Pow10(t.Precision)) - 1
		from, to = max(from, -end), min(to, end)
	}
	return from, to, true
}

// permuted permutes the numbers in [lo, lo+n), in steps of 10^-scale.
type permuted struct {
	lo    int64
	n     uint64
	perm  transform.Permutation
	scale int // number of decimals of the type. It is negative for numeric(5,-2)
}

func (p *permuted) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	v, ok := p.steps(in)
	if !ok {
		return dst, errNotInteger()
	}
	return p.append(dst, v)
}

// append appends the result for a number of steps.
func (p *permuted) append(dst []byte, v int64) ([]byte, error) {
	x := uint64(v) - uint64(p.lo)
	if v < p.lo || x >= p.n {
		return dst, errOutOfRange()
	}
	v = int64(uint64(p.lo) + p.perm.Apply(x))
	if p.scale >= 0 {
		return decimal.AppendUnits(dst, v, p.scale, p.scale), nil
	}
	dst = decimal.AppendInt(dst, v)
	for i := p.scale; i < 0 && v != 0; i++ {
		dst = append(dst, '0')
	}
	return dst, nil
}

// steps reads a number in steps of 10^-scale. It fails if the number is between two steps.
func (p *permuted) steps(in []byte) (int64, bool) {
	if p.scale == 0 {
		return decimal.ParseWhole(in)
	}
	f, ok := decimal.Parse(in)
	if !ok {
		return 0, false
	}
	v, cut, _, ok := f.Units(p.scale)
	if f.Negative {
		v = -v
	}
	return v, ok && !cut
}

func errOutOfRange() error {
	return &transform.Error{Code: "out-of-range", Text: "the value is outside the treatment's range; widen range, which changes every result of the domain"}
}

func errNotInteger() error {
	return &transform.Error{Code: "not-an-integer", Text: "the value is not a whole number; declare the column with decimals, as numeric(12,2), or use another treatment"}
}
