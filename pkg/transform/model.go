package transform

// Model is a learned distribution: the weight of each bucket, or of each label.
type Model struct {
	Weights []float64 `json:"weights"`
	Labels  []string  `json:"labels,omitempty"`
}
