package noise

import (
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const (
	leastRatio    = million / 100         // smallest ratio that hides a number: 1 percent
	leastDuration = moment.DayMicros / 24 // smallest amount that hides a timestamp: an hour
)

// hides reports whether the noise is wide enough to hide a number.
func (n *noise) hides() bool {
	if n.ratio > 0 {
		return n.ratio >= leastRatio
	}
	if !treatment.HidesNumber(n.typ, n.amount) {
		return false
	}
	least, most := n.bounds.Steps(n.amount.Scale) // with limits on both sides, the amount must be a hundredth of the largest number or more
	largest := max(-least, most)
	return least == math.MinInt64 || most == math.MaxInt64 || n.amount.Steps >= largest/100
}

// hides reports whether the noise is wide enough to hide a date or timestamp.
func (n *jitter) hides() bool {
	if n.family == catalog.Date {
		return n.amount >= treatment.LeastDays*moment.DayMicros
	}
	return n.amount >= leastDuration
}
