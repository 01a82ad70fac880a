package tracing

// Rejected is what a collector's answer says it did not take.
func Rejected(response []byte) int64 { return rejected(response) }
