package transform

// Model is a learned distribution: one weight for each bucket, or for each label.
type Model struct {
	Weights []float64 `json:"weights"`
	Labels  []string  `json:"labels,omitempty"`
}
