package transform

import (
	"math"
	"sort"

	"github.com/masker-project/masker/pkg/catalog"
)

const gridDoc = "A value that already is such a result comes out as it went in. NaN, infinity and results that the type cannot hold stop the refresh."

func bandSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "generalize.number",
			Summary: "replaces a number by the lower end of the band it lies in",
			Doc: "Bands are of equal width, counted from zero downwards and upwards, or lie between the bounds you state; then a value below the " +
				"first bound becomes the first bound, and one above the last the last. " + gridDoc,
			Params: []Param{
				{Name: "width", Type: "number", Doc: "width of a band, above 0; this or bounds"},
				{Name: "bounds", Type: "list", Doc: "lower ends of the bands, ascending: [0, 18, 30, 65]"},
			},
			Families:  numericFamilies(),
			Discloses: Generalised,
			Preserves: []string{Order, Equality},
			Examples: []Example{
				{Type: idType(), Use: Use{Treatment: "generalize.number", Params: Params{"width": int64(1000)}}, In: "52480", Out: "52000"},
				{Type: moneyType(), Use: Use{Treatment: "generalize.number", Params: Params{"width": 2.5}}, In: "-3.99", Out: "-5.00"},
				{Type: idType(), Use: Use{Treatment: "generalize.number", Params: Params{"bounds": []any{int64(0), int64(18), int64(30), int64(65)}}}, In: "44", Out: "30"},
				{Type: floatType(), Use: Use{Treatment: "generalize.number", Params: Params{"width": 0.5}}, In: "2.75", Out: "2.5"},
			},
		},
		scalar: planBand,
	}
}

func planBand(c Column, _ Use, a *args) (scalarPlan, error) {
	b := band{grid: gridOf(c.Type)}
	width := a.given("width")
	list, bounds := a.value("bounds").([]any)
	var points []fixedPoint
	switch {
	case width == (a.value("bounds") != nil):
		a.fail("width", "generalize.number wants either width or bounds")
	case width:
		points = []fixedPoint{a.decimal("width")}
		if points[0].v <= 0 {
			a.fail("width", "must be above 0")
		}
	case !bounds || len(list) < 2:
		a.fail("bounds", "wants a list of at least two numbers, ascending")
	default:
		for i, v := range list {
			p, ok := asFixedPoint(v)
			if !ok {
				a.fail("bounds", "entry %d is not a number of at most 9 decimals and 18 digits", i+1)
			}
			points = append(points, p)
		}
	}
	if a.problem() == nil {
		b.place(a, points, width)
	}
	t := Traits{Equality: true, Space: 1000, Discloses: Generalised} // of bands of a width nobody knows how many there are
	if !width {
		t.Space = float64(max(len(points), 1))
	}
	return scalarPlan{traits: t, build: func(Keys) scalar { return &b }}, nil
}

// place brings a rule's numbers to one scale, which the column's type must hold.
func (b *band) place(a *args, points []fixedPoint, width bool) {
	name := map[bool]string{true: "width", false: "bounds"}[width]
	for _, p := range points {
		b.scale = max(b.scale, p.scale)
	}
	if b.scale > b.most {
		a.fail(name, "has more decimals than the column's type")
		return
	}
	for i, p := range points {
		v, ok := p.at(b.scale)
		switch {
		case !ok || !b.holds(v) && !width:
			a.fail(name, "has a number that the column's type does not hold")
		case i > 0 && len(b.bounds) > 0 && v <= b.bounds[len(b.bounds)-1]:
			a.fail(name, "wants each number above the one before")
		case width:
			b.width = v
		default:
			b.bounds = append(b.bounds, v)
		}
	}
}

// grid is how a type writes numbers of a scale, and how large they get.
type grid struct {
	scale  int // decimals that are reckoned with
	most   int // decimals the type has at most
	pad    int // decimals written; -1: as many as are needed
	digits int // before the point, that the type holds; 0: any number
	bits   int // of integers
}

func gridOf(t catalog.Type) grid {
	switch {
	case t.Family == catalog.Integer:
		return grid{bits: t.Bits}
	case t.Family == catalog.Float:
		return grid{most: 9, pad: -1}
	case t.Precision > 0:
		return grid{most: min(max(t.Scale, 0), 9), pad: max(t.Scale, 0), digits: max(t.Precision-t.Scale, 1)}
	}
	return grid{most: 9}
}

// holds says whether v steps of 10^-scale fit the type.
func (g *grid) holds(v int64) bool {
	if g.bits > 0 && g.bits < 64 {
		return v >= -1<<(g.bits-1) && v <= 1<<(g.bits-1)-1
	}
	return g.digits == 0 || math.Abs(float64(v)) < math.Pow10(g.digits+g.scale)
}

func (g *grid) write(dst []byte, v int64) ([]byte, error) {
	if !g.holds(v) {
		return dst, errTooLarge()
	}
	return appendUnits(dst, v, g.scale, g.pad), nil
}

// floor reads a number as steps of 10^-scale, rounded down.
func (g *grid) floor(in []byte) (int64, error) {
	d, ok := parseDecimal(in)
	if !ok {
		return 0, errNotNumber()
	}
	v, cut, _, ok := d.units(g.scale)
	if !ok {
		return 0, errTooLarge()
	}
	if d.negative {
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
	bounds []int64 // where width is 0
}

func (b *band) append(dst, in []byte, _ *Seed) ([]byte, error) {
	v, err := b.floor(in)
	if err != nil {
		return dst, err
	}
	if b.width > 0 {
		if v < math.MinInt64+b.width {
			return dst, errTooLarge()
		}
		return b.write(dst, floorDiv(v, b.width)*b.width)
	}
	i := sort.Search(len(b.bounds), func(i int) bool { return b.bounds[i] > v })
	return b.write(dst, b.bounds[max(i-1, 0)])
}

func ageSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "generalize.age",
			Summary: "replaces an age by the lower end of its band, and folds the highest ages into one",
			Doc: "Ages from `fold` on become `fold`: of the oldest there are so few that the age alone may tell who it is. Fractions of a year are dropped. " +
				"Of birth dates, generalize.date with `earliest` does the same. A negative age stops the refresh. " + gridDoc,
			Params: []Param{
				{Name: "width", Type: "integer", Default: int64(5), Doc: "years of a band, 2 to 50"},
				{Name: "fold", Type: "integer", Default: int64(90), Doc: "the age from which on all become it, 10 to 120"},
			},
			Families:  numericFamilies(),
			Discloses: Generalised,
			Preserves: []string{Order, Equality},
			Examples: []Example{
				{Type: idType(), Use: Use{Treatment: "generalize.age"}, In: "43", Out: "40"},
				{Type: idType(), Use: Use{Treatment: "generalize.age"}, In: "97", Out: "90"},
				{Type: moneyType(), Use: Use{Treatment: "generalize.age", Params: Params{"width": int64(10)}}, In: "19.75", Out: "10.00"},
			},
		},
		scalar: func(c Column, _ Use, a *args) (scalarPlan, error) {
			g := ages{grid: gridOf(c.Type), width: a.integer("width", 2, 50), fold: a.integer("fold", 10, 120)}
			if !g.holds(g.fold) {
				a.fail("fold", "is more than the column's type holds")
			}
			t := Traits{Equality: true, Space: float64(g.fold/g.width + 2), Discloses: Generalised}
			return scalarPlan{traits: t, build: func(Keys) scalar { return &g }}, nil
		},
	}
}

type ages struct {
	grid
	width, fold int64
}

func (g *ages) append(dst, in []byte, _ *Seed) ([]byte, error) {
	v, err := g.floor(in)
	switch {
	case err != nil:
		return dst, err
	case v < 0:
		return dst, &Error{"negative-age", "the age is negative; use generalize.number for numbers that are no ages"}
	case v >= g.fold:
		return g.write(dst, g.fold)
	}
	return g.write(dst, v/g.width*g.width)
}

func geoSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "generalize.geo",
			Summary: "rounds a latitude or longitude",
			Doc: "To the given decimals, halves away from zero: 0 decimals are about 111 km of latitude, 1 are 11 km, 2 are 1.1 km, 3 are 110 m; of longitude less, " +
				"the nearer the poles. A house that stands alone is still told apart by 2. " + gridDoc,
			Params:    []Param{{Name: "decimals", Type: "integer", Default: int64(1), Doc: "decimals that remain, 0 to 4"}},
			Families:  []catalog.Family{catalog.Numeric, catalog.Float},
			Discloses: Generalised,
			Preserves: []string{Order, Equality},
			Examples: []Example{
				{Type: floatType(), Use: Use{Treatment: "generalize.geo", Params: Params{"decimals": int64(2)}}, In: "52.520008", Out: "52.52"},
				{Type: catalog.Type{Name: "numeric(9,6)", Base: "numeric", Family: catalog.Numeric, Precision: 9, Scale: 6}, Use: Use{Treatment: "generalize.geo"}, In: "-13.404954", Out: "-13.400000"},
			},
		},
		scalar: func(c Column, _ Use, a *args) (scalarPlan, error) {
			g := rounded{gridOf(c.Type)}
			g.scale = int(a.integer("decimals", 0, 4))
			if c.Type.Precision > 0 && g.scale >= max(c.Type.Scale, 0) {
				a.fail("decimals", "would keep all %d decimals of the column", max(c.Type.Scale, 0))
			}
			t := Traits{Equality: true, Space: 360 * math.Pow10(g.scale), Discloses: Generalised}
			return scalarPlan{traits: t, build: func(Keys) scalar { return &g }}, nil
		},
	}
}

type rounded struct{ grid }

func (g *rounded) append(dst, in []byte, _ *Seed) ([]byte, error) {
	d, ok := parseDecimal(in)
	if !ok {
		return dst, errNotNumber()
	}
	v, _, half, ok := d.units(g.scale)
	if !ok || v == math.MaxInt64 {
		return dst, errTooLarge()
	}
	if half {
		v++
	}
	if d.negative {
		v = -v
	}
	return g.write(dst, v)
}
