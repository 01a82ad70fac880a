package noise

import "math"

// floats holds the limits of a type of floats. The field most has as many digits as every float of the type keeps
// exactly: 6 for real, and 15 for double precision.
type floats struct {
	most     int64 // the largest float is at least most × 10^exponent
	exponent int
	least    int // a step of 10^least leads to another float, however small the number is
}

func (n *noise) floats() floats {
	if n.typ.Base == "float4" {
		return floats{most: 340_282, exponent: 33, least: -44}
	}
	return floats{most: 179_769_313_486_231, exponent: 294, least: -323}
}

// exponent returns the exponent of one step: a step is 10^exponent.
func (v *stepped) exponent() int { return v.more - v.decimals + v.Exp }

// steps returns how many steps of 10^exponent fit between 0 and the largest float, and at most math.MaxInt64.
func (f floats) steps(exponent int) int64 {
	most := f.most
	for ; exponent > f.exponent; exponent-- {
		most /= 10
	}
	for ; exponent < f.exponent; exponent++ {
		if most > math.MaxInt64/10 {
			return math.MaxInt64
		}
		most *= 10
	}
	return most
}
