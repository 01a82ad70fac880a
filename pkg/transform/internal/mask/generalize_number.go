package mask

import (
	"math"
	"sort"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const gridDoc = "A value that already is a possible result stays unchanged. If the type cannot hold a result, the value becomes the nearest possible result that the type can hold. " +
	"Masker computes with 63 bits, in steps of the last decimal. A number that needs more bits counts as the largest or the smallest number that fits. Without decimals, only numbers of 19 digits or more can need more bits." + treatment.SpecialDoc

// Number returns the treatment generalize.number.
func Number() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.number",
			Summary: "replaces a number by the lower end of its band",
			Doc: "With `width`, all bands have the same width and are counted from zero in both directions. With `bounds`, the bands lie between the numbers that you list. " +
				"A value below the first bound becomes the first bound, and a value above the last bound becomes the last bound. " + gridDoc +
				"\n\nThe label is `unchanged` if a band is too narrow to hide a number. A band must contain two whole numbers. In a type with a fixed number of decimals, it must contain ten steps of the last decimal.",
			Params: []transform.Param{
				{Name: "width", Type: "number", Tells: transform.Smaller, Doc: "width of a band, above 0; state width or bounds"},
				{Name: "bounds", Type: "list", Doc: "lower ends of the bands in ascending order: [0, 18, 30, 65]"},
				treatment.SpecialParam(),
			},
			Families:  treatment.NumericFamilies(),
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They find this person's row among the rows of the same band. For every other person, they read the band. If a band contains only one number, they read the number.",
			Preserves: []string{transform.Order, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "generalize.number", Params: transform.Params{"width": int64(1000)}}, In: "52480", Out: "52000"},
				{Type: treatment.MoneyType(), Use: transform.Use{Treatment: "generalize.number", Params: transform.Params{"width": 2.5}}, In: "-3.99", Out: "-5.00"},
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "generalize.number", Params: transform.Params{"bounds": []any{int64(0), int64(18), int64(30), int64(65)}}}, In: "44", Out: "30"},
				{Type: treatment.FloatType(), Use: transform.Use{Treatment: "generalize.number", Params: transform.Params{"width": 0.5}}, In: "2.75", Out: "2.5"},
			},
		},
		Scalar: planBand,
	}
}

func planBand(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	b := band{grid: gridOf(c.Type)}
	width := a.Given("width")
	list, bounds := a.Value("bounds").([]any)
	var points []decimal.Fixed
	switch {
	case width == (a.Value("bounds") != nil):
		a.Fail("width", "generalize.number needs either width or bounds")
	case width:
		points = []decimal.Fixed{a.Decimal("width")}
		if points[0].Steps <= 0 {
			a.Fail("width", "must be above 0")
		}
	case !bounds || len(list) < 2:
		a.Fail("bounds", "must be a list of at least two numbers, ascending")
	default:
		for i, v := range list {
			p, ok := treatment.AsFixedPoint(v)
			if !ok {
				a.Fail("bounds", "entry %d is not a number of at most 9 decimals and 18 digits", i+1)
			}
			points = append(points, p)
		}
	}
	if a.Problem() == nil {
		b.setScale(a, points, width)
	}
	t := transform.Traits{Equality: true, Space: 1000, Discloses: treatment.GeneralisedIf(a.Problem() == nil && hidesNumbers(c.Type, points, width))} // Space is a guess, because the number of bands of one width is unknown
	if !width {
		t.Space = float64(max(len(points), 1))
	}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &b }}, nil
}

// hidesNumbers reports whether every band is wide enough to hide a number. If the argument width is true, points has
// the width of all bands. Otherwise points has the lower ends of the bands.
func hidesNumbers(t catalog.Type, points []decimal.Fixed, width bool) bool {
	if width {
		return treatment.HidesNumber(t, points[0])
	}
	for i := 1; i < len(points); i++ {
		scale := max(points[i-1].Scale, points[i].Scale)
		from, ok1 := points[i-1].At(scale)
		to, ok2 := points[i].At(scale)
		if !ok1 || !ok2 || !treatment.HidesNumber(t, decimal.Fixed{Steps: to - from, Scale: scale}) {
			return false
		}
	}
	return true
}

// setScale converts a rule's numbers to one scale. It records an error if the column's type cannot hold a number.
func (b *band) setScale(a *treatment.Args, points []decimal.Fixed, width bool) {
	name := map[bool]string{true: "width", false: "bounds"}[width]
	for _, p := range points {
		b.scale = max(b.scale, p.Scale)
	}
	if b.scale > b.most {
		a.Fail(name, "has more decimals than the column's type")
		return
	}
	for i, p := range points {
		v, ok := p.At(b.scale)
		switch {
		case !ok || !b.holds(v) && !width:
			a.Fail(name, "has a number that the column's type cannot hold")
		case i > 0 && len(b.bounds) > 0 && v <= b.bounds[len(b.bounds)-1]:
			a.Fail(name, "must list numbers in ascending order")
		case width:
			b.width = v
		default:
			b.bounds = append(b.bounds, v)
		}
	}
}

// grid describes how a type holds and writes numbers of one scale.
type grid struct {
	scale  int // number of decimals in calculations
	most   int // largest number of decimals of the type
	pad    int // decimals written; -1 for as many as needed
	digits int // largest number of digits before the point; 0 for no limit
	bits   int // size of an integer type; 0 for other types
	bounds decimal.Bounds
}

func gridOf(t catalog.Type) grid {
	bounds := decimal.ParseBounds(t.Bounds())
	switch {
	case t.Family == catalog.Integer:
		return grid{bits: t.Bits, bounds: bounds}
	case t.Family == catalog.Float:
		return grid{most: 9, pad: -1, bounds: bounds}
	case t.Precision > 0:
		return grid{most: min(max(t.Scale, 0), 9), pad: max(t.Scale, 0), digits: max(t.Precision-t.Scale, 1), bounds: bounds}
	}
	return grid{most: 9, bounds: bounds}
}

// limits returns the smallest and the largest number that the type can hold and that CHECK constraints allow, in steps
// of 10^-scale.
func (g *grid) limits() (lo, hi int64) {
	lo, hi = g.typeLimits()
	least, most := g.bounds.Steps(g.scale)
	return max(lo, least), min(hi, most)
}

// typeLimits returns the smallest and the largest number that the type can hold, in steps of 10^-scale.
func (g *grid) typeLimits() (lo, hi int64) {
	if g.bits > 0 && g.bits < 64 {
		return -1 << (g.bits - 1), 1<<(g.bits-1) - 1
	}
	if g.digits > 0 && g.digits+g.scale <= 18 {
		hi = int64(math.Pow10(g.digits+g.scale)) - 1
		return -hi, hi
	}
	return math.MinInt64, math.MaxInt64
}

// holds reports whether the type can hold v steps of 10^-scale, and CHECK constraints allow them.
func (g *grid) holds(v int64) bool {
	lo, hi := g.limits()
	return lo <= v && v <= hi
}

// write appends the number of v steps of 10^-scale. A number outside the limits becomes the nearest number inside them.
func (g *grid) write(dst []byte, v int64) ([]byte, error) {
	lo, hi := g.limits()
	return decimal.AppendUnits(dst, min(max(v, lo), hi), g.scale, g.pad), nil
}

// floor reads a number as steps of 10^-scale, rounded down. A number of more than 63 bits becomes the nearest number of
// 63 bits.
func (g *grid) floor(in []byte) (int64, error) {
	d, ok := decimal.Parse(in)
	if !ok {
		return 0, decimal.ErrNotNumber()
	}
	v, cut, _, ok := d.Units(g.scale)
	if !ok {
		v = math.MaxInt64
	}
	if d.Negative {
		v = -v
		if cut {
			v--
		}
	}
	return v, nil
}

type band struct {
	grid
	width  int64
	bounds []int64 // used if width is 0
}

func (b *band) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	v, err := b.floor(in)
	if err != nil {
		return dst, err
	}
	if b.width > 0 {
		lo, hi := b.limits()
		n := v / b.width
		if v%b.width < 0 {
			n--
		}
		// The result is limited to the lower ends that the column can hold. If the column can hold no lower end, write
		// returns the nearest number that the column can hold.
		return b.write(dst, min(max(n, lo/b.width), hi/b.width)*b.width)
	}
	i := sort.Search(len(b.bounds), func(i int) bool { return b.bounds[i] > v })
	return b.write(dst, b.bounds[max(i-1, 0)])
}

// Age returns the treatment generalize.age.
func Age() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.age",
			Summary: "replaces an age by the lower end of its band, and combines the highest ages",
			Doc: "Ages of `fold` and above become `fold`. There are so few very old people that the age alone may identify a person. Fractions of a year are dropped. " +
				"For birth dates, use generalize.date with `earliest`. A negative age stops the refresh. " + gridDoc,
			Params: []transform.Param{
				{Name: "width", Type: "integer", Tells: transform.Smaller, Default: int64(5), Doc: "number of years in a band, 2 to 50"},
				{Name: "fold", Type: "integer", Tells: transform.Larger, Default: int64(90), Doc: "lowest of the ages that are combined, 10 to 120"},
				treatment.SpecialParam(),
			},
			Families:  treatment.NumericFamilies(),
			Discloses: transform.Generalised,
			Learns:    "They find this person's row among the rows of the same band. For every other person, they read the band of the age.",
			Preserves: []string{transform.Order, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "generalize.age"}, In: "43", Out: "40"},
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "generalize.age"}, In: "97", Out: "90"},
				{Type: treatment.MoneyType(), Use: transform.Use{Treatment: "generalize.age", Params: transform.Params{"width": int64(10)}}, In: "19.75", Out: "10.00"},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			g := ages{grid: gridOf(c.Type), width: a.Integer("width", 2, 50), fold: a.Integer("fold", 10, 120)}
			if !g.holds(g.fold) {
				a.Fail("fold", "is more than the column's type can hold")
			}
			t := transform.Traits{Equality: true, Space: float64(g.fold/g.width + 2), Discloses: transform.Generalised}
			return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &g }}, nil
		},
	}
}

type ages struct {
	grid
	width, fold int64
}

func (g *ages) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	v, err := g.floor(in)
	switch {
	case err != nil:
		return dst, err
	case v < 0:
		return dst, &transform.Error{Code: "negative-age", Text: "the age is negative; use generalize.number for numbers that are not ages"}
	case v >= g.fold:
		return g.write(dst, g.fold)
	}
	return g.write(dst, v/g.width*g.width)
}

// Geo returns the treatment generalize.geo.
func Geo() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.geo",
			Summary: "rounds a latitude or longitude",
			Doc: "The value is rounded to `decimals` decimals, half away from zero. One unit of the last decimal of a latitude is about 111 km with 0 decimals, 11 km with 1 decimal, 1.1 km with 2 decimals and 110 m with 3 decimals. " +
				"For a longitude, the distances are smaller, and they shrink towards the poles. With 2 decimals, a house that stands alone can still be identified. With 3 decimals or more, the disclosure label is `unchanged`. " + gridDoc,
			Params:    []transform.Param{{Name: "decimals", Type: "integer", Tells: transform.Larger, Default: int64(1), Doc: "number of decimals that stay, 0 to 4"}, treatment.SpecialParam()},
			Families:  []catalog.Family{catalog.Numeric, catalog.Float},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They find this person's row among the rows near the same place. For every other person, they read the place with the decimals that stay.",
			Preserves: []string{transform.Order, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.FloatType(), Use: transform.Use{Treatment: "generalize.geo", Params: transform.Params{"decimals": int64(2)}}, In: "52.520008", Out: "52.52"},
				{Type: catalog.Type{Name: "numeric(9,6)", Base: "numeric", Family: catalog.Numeric, Precision: 9, Scale: 6}, Use: transform.Use{Treatment: "generalize.geo"}, In: "-13.404954", Out: "-13.400000"},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			g := rounded{gridOf(c.Type)}
			g.scale = int(a.Integer("decimals", 0, 4))
			if c.Type.Precision > 0 && g.scale >= max(c.Type.Scale, 0) {
				a.Fail("decimals", "would keep all %d decimals of the column", max(c.Type.Scale, 0))
			}
			t := transform.Traits{Equality: true, Space: 360 * math.Pow10(g.scale), Discloses: treatment.GeneralisedIf(g.scale < houseDecimals)}
			return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &g }}, nil
		},
	}
}

// houseDecimals is the number of decimals with which a latitude or longitude can lead to a house: 110 m.
const houseDecimals = 3

type rounded struct{ grid }

func (g *rounded) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	d, ok := decimal.Parse(in)
	if !ok {
		return dst, decimal.ErrNotNumber()
	}
	v, _, half, ok := d.Units(g.scale)
	switch {
	case !ok:
		v = math.MaxInt64
	case half && v < math.MaxInt64:
		v++
	}
	if d.Negative {
		v = -v
	}
	return g.write(dst, v)
}
