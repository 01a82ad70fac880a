// Package noise holds the treatments that move numbers and dates by a keyed amount.
package noise

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const (
	million    = 1_000_000
	maxChange  = int64(1e18) // largest change of a number, in steps of its last digit
	leastSteps = 3           // the limit of a change is at least this number of steps, however small the value is
)

// Noise returns the treatment noise.
func Noise() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "noise",
			Summary: "moves a number or a timestamp by a keyed amount within bounds, never to the same value",
			Doc: "Equal values in a domain get equal results.\n\n" +
				"- A number moves by at most `ratio` of itself, or by at most `amount`. It moves in whole steps of its last decimal. " +
				"If the limit is smaller than 3 steps, the number can still move by 3 steps in both directions. In a float column, the result gets more decimals instead. " +
				"Otherwise the number of decimals stays. A positive number does not become negative, and a negative number does not become positive. In a number of more than 18 digits, only the first 18 move (15 in double precision, 6 in real).\n" +
				"- A date or timestamp moves by at most `amount`, which is at least 3 steps. A date moves in whole days. A timestamp moves in steps of a second, or of a fraction of a second if it has one. The order of values may change.\n\n" +
				"The mean of many rows changes little. However, the result still shows the approximate value. The disclosure label is `unchanged` if `ratio` is below 0.01, or if `amount` is too small. An amount is large enough from one week for dates, from one hour for timestamps, and from 2 for numbers. In a type with a fixed number of decimals, ten steps of the last decimal are enough. If CHECK constraints limit the numbers, `amount` must also be at least 1 percent of the largest number. A person who knows some of the values can find rows with equal values.\n\n" +
				"Results stay within the type's range and within the bounds of simple CHECK constraints and of partitions without gaps: near an end, a value moves more in the other direction. A float that is too small to move becomes 0." + treatment.SpecialDoc,
			Params: []transform.Param{
				{Name: "ratio", Type: "number", Tells: transform.Smaller, Doc: "for numbers: the largest change as a part of the value, 0.000001 to 1; state ratio or amount"},
				{Name: "amount", Type: "number or duration", Tells: transform.Smaller, Doc: `the largest change: a number for numbers; days, hours, minutes or seconds for dates and timestamps, for example "3d", "36h", "15m", "30s"`},
				treatment.SpecialParam(),
			},
			Families:  append(treatment.NumericFamilies(), treatment.TimeFamilies()...),
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They find this person's row among the rows whose result differs from the known value by at most the largest change. Everybody with the same value has the same result. For every other person, they read the value to within the largest change. If they have several results for similar values, the mean of the results is nearer to the value. Examples are many rows of one person, and columns that depend on one another, such as a price with and without tax.",
			Preserves: []string{transform.Equality, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.MoneyType(), Use: transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 0.1}}, In: "2450.00", Out: "2663.84"},
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "noise", Params: transform.Params{"amount": int64(5)}}, In: "-3", Out: "-8", Note: "the sign stays"},
				{Type: treatment.FloatType(), Use: transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 0.05}}, In: "36.6", Out: "37.2"},
				{Type: treatment.StampTZType(), Use: transform.Use{Treatment: "noise", Params: transform.Params{"amount": "36h"}}, In: "2024-02-29 10:00:00+00", Out: "2024-02-29 12:57:48+00"},
			},
		},
		Scalar: planNoise,
	}
}

func planNoise(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: "noise depends on the value: with one factor for all amounts of a subject, two amounts would reveal the factor; for dates use shift"}
	}
	p := treatment.ScalarPlan{Traits: transform.Traits{Equality: true, Space: 100}, Seed: "noise"}
	switch c.Type.Family {
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		a.Unused("ratio", c)
		n := jitter{family: c.Type.Family, amount: durationOf(a, "amount"), bounds: boundsOf(c.Type)}
		if c.Type.Family == catalog.Date && n.amount%moment.DayMicros != 0 {
			a.Fail("amount", `must be whole days for dates, for example "3d"`)
		}
		p.Traits.Discloses = treatment.GeneralisedIf(n.hides())
		if n.amount < leastSteps*moment.SecondMicros || c.Type.Family == catalog.Date && n.amount < leastSteps*moment.DayMicros {
			a.Fail("amount", `must be at least "3d" for dates and "3s" for timestamps, because a smaller change leaves few candidates for the value`)
		}
		p.Build = func(transform.Keys) treatment.Scalar { return &n }
		return p, nil
	}
	n := noise{typ: c.Type, keep: 18, bounds: decimal.ParseBounds(c.Type.Bounds())}
	if c.Type.Family == catalog.Float {
		n.keep = 15
		if c.Type.Base == "float4" {
			n.keep = 6
		}
	}
	n.bound(c, a)
	p.Traits.Discloses = treatment.GeneralisedIf(n.hides())
	p.Build = func(transform.Keys) treatment.Scalar { return &n }
	return p, nil
}

// bound reads the parameter ratio or amount.
func (n *noise) bound(c transform.Column, a *treatment.Args) {
	ratio := a.Given("ratio")
	amount := a.Given("amount")
	switch {
	case ratio == amount:
		a.Fail("ratio", "noise needs either ratio or amount")
	case ratio:
		f := a.Decimal("ratio")
		v, ok := f.At(max(f.Scale, 6))
		if n.ratio = v; !ok || v <= 0 || f.Scale > 6 || v > million {
			a.Fail("ratio", "must be a number from 0.000001 to 1, of at most 6 decimals")
		}
	default:
		n.amount = a.Decimal("amount")
		whole := c.Type.Family == catalog.Integer
		if typed := c.Type.Precision > 0; n.amount.Steps <= 0 || whole && n.amount.Scale > 0 || typed && n.amount.Scale > max(c.Type.Scale, 0) {
			a.Fail("amount", "must be a number above 0, with no more decimals than the column has")
		}
	}
}

type noise struct {
	typ    catalog.Type
	keep   int           // number of leading digits that move
	ratio  int64         // in millionths; 0 if amount is the limit
	amount decimal.Fixed // the limit if ratio is 0
	bounds decimal.Bounds
}

// stepped is a decimal number that is measured in steps. Its absolute value is about u × 10^(more-decimals+Exp): the
// number may have more digits than u holds.
type stepped struct {
	decimal.Figure
	u        int64
	decimals int // decimals of a step, before more and Exp apply
	pad      int // zeros after these decimals
	more     int // digits after those in u
	left     int // digits in u, without leading zeros
}

func (n *noise) Append(dst, in []byte, seed *transform.Seed) ([]byte, error) {
	d, ok := decimal.Parse(in)
	if !ok {
		return dst, decimal.ErrNotNumber()
	}
	v := n.steps(d)
	if n.typ.Family == catalog.Float && v.exponent() < n.floats().least {
		return append(dst, '0'), nil // the next step may be the same float
	}
	if n.typ.Family == catalog.Float {
		n.refine(&v)
	}
	u, ok := n.move(&v, seed)
	if !ok {
		return dst, decimal.ErrTooLarge()
	}
	if v.Negative && v.u > 0 && u > 0 {
		dst = append(dst, '-')
	}
	var buf [20]byte
	dst = decimal.AppendPointed(dst, strconv.AppendInt(buf[:0], u, 10), v.more, v.decimals)
	if v.decimals == 0 && v.pad > 0 {
		dst = append(dst, '.')
	}
	for range v.pad {
		dst = append(dst, '0')
	}
	return append(dst, v.ExpText...), nil
}

// steps converts a decimal to steps. A step is one unit of the last decimal. The number of decimals is the scale of the
// type. If the type has no scale, it is the number of the value's decimals without trailing zeros. Equal values
// therefore have the same number of steps.
func (n *noise) steps(d decimal.Figure) stepped {
	v := stepped{Figure: d, decimals: len(d.Frac)}
	for v.decimals > 0 && d.Frac[v.decimals-1] == '0' {
		v.decimals--
	}
	if n.typ.Precision > 0 {
		v.decimals = max(v.decimals, n.typ.Scale)
		v.more = max(-n.typ.Scale, 0) // these digits are zeros
	}
	v.pad = len(d.Frac) - v.decimals
	for i := range len(d.Whole) + v.decimals - v.more {
		switch c := d.Digit(i); {
		case c == '0' && v.left == 0: // leading zero
		case v.left < n.keep:
			v.u = v.u*10 + int64(c-'0')
			v.left++
		default:
			v.more++
		}
	}
	return v
}

// refine adds decimals to a float until the float can move in both directions within its limit. For example, 1e+308
// cannot move in one direction if it has only one digit.
func (n *noise) refine(v *stepped) {
	least := n.floats().least
	for v.u > 0 && v.more == 0 && v.left < n.keep && v.exponent() > least {
		if _, most := n.allowed(v); n.reach(v) >= leastSteps && most-v.u >= leastSteps {
			return
		}
		v.u, v.decimals, v.left, v.pad = v.u*10, v.decimals+1, v.left+1, 0
	}
}

// move chooses another number of steps for a value. The change is within the limit, or within leastSteps if the limit
// is smaller. If the type, a CHECK constraint or 0 leaves fewer than 2×leastSteps results, move allows a larger change
// in the other direction. The result ok is false if no other number is allowed. If the type is Inward, the number moves
// toward zero only, and a number that cannot do so stays.
func (n *noise) move(v *stepped, seed *transform.Seed) (int64, bool) {
	reach := max(n.reach(v), leastSteps)
	least, most := n.allowed(v)
	gap := int64(0)
	if v.more > 0 {
		gap = 1 // the digits after u become zeros, so the next step up may be too close to the value
	}
	if n.typ.Family == catalog.Float {
		least = max(least, 1) // a float that can move does not become 0
	}
	down, up := max(v.u-least, 0), max(most-v.u-gap, 0) // the largest changes in both directions
	if n.typ.Inward {
		if up = 0; down == 0 {
			return v.u, true
		}
	}
	below, above := min(reach, down), min(reach, up)
	below, above = max(below, min(down, 2*leastSteps-above)), max(above, min(up, 2*leastSteps-below))
	if below+above <= 0 {
		return 0, false
	}
	k, _ := bits.Mul64(draw.Lane(seed, 0), uint64(below+above))
	if int64(k) < below {
		return v.u - below + int64(k), true
	}
	return v.u + gap + 1 + int64(k) - below, true
}

// reach returns the largest change in steps.
func (n *noise) reach(v *stepped) int64 {
	if n.ratio > 0 {
		hi, lo := bits.Mul64(uint64(v.u), uint64(n.ratio))
		r, _ := bits.Div64(hi, lo, million)
		return int64(r)
	}
	r := n.amount.Steps
	for i := v.decimals - n.amount.Scale - v.more - v.Exp; i != 0 && r != 0; {
		if i > 0 {
			if r > maxChange/10 {
				return maxChange
			}
			r *= 10
			i--
		} else {
			r /= 10
			i++
		}
	}
	return min(r, maxChange)
}

// allowed returns the smallest and the largest number of steps that the type can hold and that CHECK constraints allow.
func (n *noise) allowed(v *stepped) (least, most int64) {
	lo, hi := n.bounds.Steps(-v.exponent())
	if v.Negative {
		lo, hi = -max(hi, -math.MaxInt64), -max(lo, -math.MaxInt64)
	}
	least, most = max(lo, 0), n.most(v)
	if hi >= least {
		most = min(most, hi)
	}
	return least, most
}

// most returns the largest number of steps that the type can hold.
func (n *noise) most(v *stepped) int64 {
	limit := int64(math.MaxInt64)
	switch {
	case n.typ.Family == catalog.Integer && n.typ.Bits > 0:
		limit = 1<<(n.typ.Bits-1) - 1
	case n.typ.Precision > 0:
		if digits := n.typ.Precision + max(-n.typ.Scale, 0) - v.more; digits <= 18 {
			limit = int64(math.Pow10(digits)) - 1
		}
		return limit
	case n.typ.Family == catalog.Float:
		return n.floats().steps(v.exponent())
	}
	for range v.more {
		if n.typ.Family == catalog.Integer {
			limit /= 10
		}
	}
	return limit
}
