package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/transform"
)

// Worse returns the higher of two disclosures.
func Worse(a, b transform.Disclosure) transform.Disclosure {
	order := []transform.Disclosure{transform.Suppressed, transform.Synthetic, transform.Generalised, transform.Pseudonymised, transform.Unchanged}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
