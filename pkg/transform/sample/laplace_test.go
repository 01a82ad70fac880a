package sample

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestNoiseIsLaplace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		epsilon := rapid.Float64Range(0.01, 10).Draw(rt, "epsilon")
		tail := rapid.Float64Range(1e-9, 0.5).Draw(rt, "tail")
		s := Sampling{Epsilon: epsilon}
		want := math.Round(math.Log(1/(2*tail)) / epsilon) // the quantile of the distribution
		const n = 1 << 40
		up := s.noisy(n, func() float64 { return 1 - tail }) - n
		down := n - s.noisy(n, func() float64 { return tail })
		if math.Abs(up-want) > 1 || math.Abs(down-want) > 1 {
			rt.Fatalf("noise %v and %v, want %v", up, down, want)
		}
	})
}
