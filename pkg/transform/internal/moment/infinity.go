package moment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// AppendMidnight writes the day as the family prints it, without what stood behind it.
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

// IsInfinity says whether a date or timestamp is one of the two infinities.
func IsInfinity(in []byte) bool { return string(in) == "infinity" || string(in) == "-infinity" }

// AppendInfinity keeps an infinity, or stops the refresh.
func AppendInfinity(dst, in []byte, keep bool) ([]byte, error) {
	if keep {
		return append(dst, in...), nil
	}
	return dst, errInfinity()
}

// ErrNotDate stops a refresh at a value that is no date.
func ErrNotDate() error {
	return &transform.Error{Code: "not-a-date", Text: "the value does not read as a date or timestamp in ISO form"}
}

// ErrDateRange stops a refresh at a result outside the type's range.
func ErrDateRange() error {
	return &transform.Error{Code: "date-out-of-range", Text: "the result would leave the type's range; use null or constant for such a column"}
}

func errInfinity() error {
	return &transform.Error{Code: "infinity", Text: "the value is infinity or -infinity, which is no day; allow it with infinity: keep, or use another treatment"}
}
