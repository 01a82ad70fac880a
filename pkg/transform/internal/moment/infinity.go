package moment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// AppendMidnight appends midnight of the day in the form that the family prints. It ignores m.Rest.
func AppendMidnight(dst []byte, m Moment, f catalog.Family) ([]byte, error) {
	m.Rest = nil
	switch f {
	case catalog.Timestamp:
		m.Rest = []byte(" 00:00:00")
	case catalog.TimestampTZ:
		m.Rest = []byte(" 00:00:00+00")
	}
	if !m.Fits(f) {
		return dst, ErrDateRange()
	}
	return m.Append(dst), nil
}

// IsInfinity reports whether a date or timestamp is infinity or -infinity.
func IsInfinity(in []byte) bool { return string(in) == "infinity" || string(in) == "-infinity" }

// AppendInfinity appends the infinity if keep is true. Otherwise it returns an error, which stops the refresh.
func AppendInfinity(dst, in []byte, keep bool) ([]byte, error) {
	if keep {
		return append(dst, in...), nil
	}
	return dst, errInfinity()
}

// ErrNotDate returns the error for a value that is not a date. It stops the refresh.
func ErrNotDate() error {
	return &transform.Error{Code: "not-a-date", Text: "the value is not a date or timestamp in ISO form"}
}

// ErrDateRange returns the error for a result outside the type's range. It stops the refresh.
func ErrDateRange() error {
	return &transform.Error{Code: "date-out-of-range", Text: "the result is outside the type's range; use null or constant for this column"}
}

func errInfinity() error {
	return &transform.Error{Code: "infinity", Text: "the value is infinity or -infinity, which is not a day; allow it with infinity: keep, or use another treatment"}
}
