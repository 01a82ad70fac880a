package tracing

// Rejected calls rejected for tests.
func Rejected(response []byte) int64 { return rejected(response) }
