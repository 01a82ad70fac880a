package transform

import (
	"slices"
)

// worse is the disclosure that tells more.
func worse(a, b Disclosure) Disclosure {
	order := []Disclosure{Suppressed, Synthetic, Generalised, Pseudonymised, Unchanged}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
