package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// appendMidnight writes the day as the family prints it, without what stood behind it.
func appendMidnight(dst []byte, m moment, f catalog.Family) ([]byte, error) {
	m.rest = nil
	switch f {
	case catalog.Timestamp:
		m.rest = []byte(" 00:00:00")
	case catalog.TimestampTZ:
		m.rest = []byte(" 00:00:00+00")
	}
	if !m.fits(f) {
		return dst, errDateRange()
	}
	return m.append(dst), nil
}

func isInfinity(in []byte) bool { return string(in) == "infinity" || string(in) == "-infinity" }

func appendInfinity(dst, in []byte, keep bool) ([]byte, error) {
	if keep {
		return append(dst, in...), nil
	}
	return dst, errInfinity()
}

func errNotDate() error {
	return &Error{"not-a-date", "the value does not read as a date or timestamp in ISO form"}
}

func errDateRange() error {
	return &Error{"date-out-of-range", "the result would leave the type's range; use null or constant for such a column"}
}

func errInfinity() error {
	return &Error{"infinity", "the value is infinity or -infinity, which is no day; allow it with infinity: keep, or use another treatment"}
}
