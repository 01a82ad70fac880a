package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
)

// Worse returns the higher of two disclosures.
func Worse(a, b transform.Disclosure) transform.Disclosure {
	order := transform.Disclosures()
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// LeastDays is the smallest number of days in a band, or of a change, that generalises a date.
const LeastDays = 7

// GeneralisedIf returns Generalised if a result is coarse enough to hide the value, and otherwise Unchanged.
func GeneralisedIf(coarse bool) transform.Disclosure {
	if coarse {
		return transform.Generalised
	}
	return transform.Unchanged
}

// HidesNumber reports whether a band of this width hides a number of the type. For a numeric with a scale above 0, the
// band must contain ten steps of the last decimal. For a numeric with a negative scale, it must contain two steps. For
// any other type, it must contain two whole numbers, because the column may hold only whole numbers.
func HidesNumber(t catalog.Type, width decimal.Fixed) bool {
	least := decimal.Fixed{Steps: 2}
	if t.Precision > 0 && t.Family == catalog.Numeric {
		for range -t.Scale {
			least.Steps *= 10
		}
		if t.Scale > 0 {
			least = decimal.Fixed{Steps: 10, Scale: t.Scale}
		}
	}
	scale := max(least.Scale, width.Scale)
	have, ok := width.At(scale)
	need, fits := least.At(scale)
	return fits && (!ok || have >= need)
}
