package sample

import (
	"errors"
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// sampleDelta is the probability that a text of a single row appears among the labels.
const sampleDelta = 1e-6

// threshold returns the lowest noisy count with which a label may appear. The noise of a count exceeds x with the
// probability exp(-epsilon x) / 2. Rounding adds at most a half to the noise.
func threshold(epsilon float64) float64 { return 1.5 + math.Log(1/(2*sampleDelta))/epsilon }

var errCounts = errors.New("transform: the counts do not match the requested buckets or labels")

// Learn makes a model from counts. There is one count for each bucket, or one for each label in any order. The function
// uniform returns random numbers of the open interval (0, 1). They decide the noise. If all noisy counts are 0, all
// weights are equal.
func (s Sampling) Learn(labels []string, counts []int64, uniform func() float64) (*transform.Model, error) {
	m := &transform.Model{}
	switch {
	case s.Buckets > 0:
		if len(labels) > 0 || len(counts) != s.Buckets {
			return nil, errCounts
		}
		for _, n := range counts {
			m.Weights = append(m.Weights, s.noisy(n, uniform))
		}
	case len(labels) != len(counts):
		return nil, errCounts
	case s.Labels != nil:
		for _, l := range s.Labels {
			n := int64(0) // a label without rows gets noise too
			if i := slices.Index(labels, l); i >= 0 {
				n = counts[i]
			}
			m.Labels, m.Weights = append(m.Labels, l), append(m.Weights, s.noisy(n, uniform))
		}
	default:
		s.frequent(m, labels, counts, uniform)
	}
	if !slices.ContainsFunc(m.Weights, func(w float64) bool { return w > 0 }) {
		for i := range m.Weights {
			m.Weights[i] = 1
		}
	}
	return m, nil
}

// frequent adds the labels that are frequent enough. Their order does not depend on their counts.
func (s Sampling) frequent(m *transform.Model, labels []string, counts []int64, uniform func() float64) {
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case labels[a] < labels[b]:
			return -1
		case labels[a] > labels[b]:
			return 1
		}
		return 0
	})
	for _, i := range order {
		if w := s.noisy(counts[i], uniform); w >= s.Least {
			m.Labels, m.Weights = append(m.Labels, labels[i]), append(m.Weights, w)
		}
	}
}

// noisy adds Laplace noise to a count. The noise is rounded first, because the last bits of a sum of floats
// would reveal the count.
func (s Sampling) noisy(count int64, uniform func() float64) float64 {
	x := uniform() - 0.5
	noise := math.Copysign(math.Log(1-2*math.Abs(x)), x) / s.Epsilon
	return max(float64(count)+math.Round(noise), 0)
}

// fits returns an error if a model does not belong to the column.
func (s *sampler) fits(m *transform.Model) error {
	bad := &transform.ParamError{Param: "treat", Text: "the model does not belong to this column; learn the model again"}
	switch {
	case m == nil:
		return &transform.ParamError{Param: "treat", Text: "sample needs a model, which is learned from the source when the refresh runs"}
	case s.Buckets > 0 && (len(m.Weights) != s.Buckets || len(m.Labels) > 0):
		return bad
	case s.Buckets == 0 && len(m.Weights) != len(m.Labels):
		return bad
	case s.Labels != nil && !slices.Equal(s.Labels, m.Labels):
		return bad
	}
	total := 0.0
	for _, w := range m.Weights {
		if !(w >= 0) {
			return bad
		}
		total += w
	}
	if math.IsInf(total, 0) || len(m.Weights) > 0 && total == 0 {
		return bad
	}
	return nil
}

// CheckModel checks the model of a use of the treatment sample.
func CheckModel(c transform.Column, u transform.Use) error {
	if u.Treatment != "sample" {
		return nil
	}
	a, err := treatment.ReadArgs(&Definition().Spec, u.Params)
	if err != nil {
		return err
	}
	return newSampler(c, a).fits(u.Model)
}
