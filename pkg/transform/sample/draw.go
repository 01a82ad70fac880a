package sample

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// sampler chooses random results from a model.
type sampler struct {
	Sampling
	typ        catalog.Type
	at         uint64 // the first of the sampler's two lanes
	lo         int64  // the lowest result, in steps of 10^-scale, days or seconds
	units      uint64 // number of possible results
	scale, pad int    // number of decimals of a result, and number of decimals that are written

	sums   []float64 // running sums of the weights
	labels []string
}

func (s *sampler) ranged() bool {
	switch s.typ.Family {
	case catalog.Boolean, catalog.Enum, catalog.Text:
		return false
	}
	return true
}

// space returns the number of buckets, or the largest number of labels. It is known before the model is learned. The
// plan uses it as the number of different results.
func (s *sampler) space() float64 {
	switch {
	case s.ranged():
		return float64(s.Buckets)
	case s.typ.Family == catalog.Text:
		return catalog.MaxLabels
	}
	return float64(max(len(s.Labels), 1))
}

// with returns a copy of the sampler that uses a model.
func (s *sampler) with(m *transform.Model) *sampler {
	own := *s
	if m == nil {
		return &own // CheckModel refuses such a model
	}
	own.labels = m.Labels
	total := 0.0
	for _, w := range m.Weights {
		total += w
		own.sums = append(own.sums, total)
	}
	return &own
}

func (s *sampler) Append(dst, _ []byte, seed *transform.Seed) ([]byte, error) {
	if len(s.sums) == 0 {
		return dst, &transform.Error{Code: "nothing-learned", Text: "no value of the column is frequent enough to be drawn; lower least, raise epsilon, or use another treatment"}
	}
	i := s.choose(draw.Lane(seed, s.at))
	if !s.ranged() {
		return append(dst, s.labels[i]...), nil
	}
	from, to := s.edge(i), s.edge(i+1)
	return s.write(dst, s.lo+int64(from+draw.Below(draw.Lane(seed, s.at+1), to-from))), nil
}

// choose returns the index of the first bucket or label whose running sum is above a random point. The weight of this
// bucket or label is not zero.
func (s *sampler) choose(x uint64) int {
	last := len(s.sums) - 1
	point := float64(x>>11) / (1 << 53) * s.sums[last]
	lo, hi := 0, last
	for lo < hi {
		if mid := (lo + hi) / 2; s.sums[mid] > point {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	for lo > 0 && s.sums[lo] == s.sums[lo-1] { // rounding put the point at the total
		lo--
	}
	return lo
}

// edge returns the start of a bucket, in steps from the lowest result. PostgreSQL's width_bucket has the same start.
func (s *sampler) edge(i int) uint64 {
	n := uint64(s.Buckets)
	return (uint64(i)*s.units + n - 1) / n
}

func (s *sampler) write(dst []byte, v int64) []byte {
	switch s.typ.Family {
	case catalog.Integer:
		return decimal.AppendInt(dst, v)
	case catalog.Float:
		return decimal.AppendUnits(dst, v, s.scale, -1)
	case catalog.Date:
		return moment.AppendDay(dst, v)
	case catalog.Timestamp, catalog.TimestampTZ:
		m := moment.Moment{Day: moment.FloorDiv(v, daySeconds)}
		c := moment.Clock{Micros: (v - m.Day*daySeconds) * moment.SecondMicros}
		if s.typ.Family == catalog.TimestampTZ {
			c.Zone = []byte("+00")
		}
		return moment.AppendStamp(dst, m, c)
	}
	return decimal.AppendUnits(dst, v, s.scale, s.pad)
}
