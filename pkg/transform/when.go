package transform

// conditionReads lists the columns a condition looks at.
func conditionReads(string) ([]Wanted, error) {
	return nil, &ParamError{"when", "is not available yet"}
}
