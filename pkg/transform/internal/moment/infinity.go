package moment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// AppendMidnight appends the day as PostgreSQL prints the type family, with midnight in place of m.Rest. A day outside
// the range of the type family becomes the nearest day inside.
func AppendMidnight(dst []byte, m Moment, f catalog.Family) []byte {
	m.Rest = nil
	switch f {
	case catalog.Timestamp:
		m.Rest = []byte(" 00:00:00")
	case catalog.TimestampTZ:
		m.Rest = []byte(" 00:00:00+00")
	}
	m.Clamp(f)
	return m.Append(dst)
}

// IsInfinity reports whether a date or timestamp is infinity or -infinity.
func IsInfinity(in []byte) bool { return string(in) == "infinity" || string(in) == "-infinity" }

// ErrNotDate returns the error for a value that is not a date. It stops the refresh.
func ErrNotDate() error {
	return &transform.Error{Code: "not-a-date", Text: "the value is not a date or timestamp in ISO form"}
}
