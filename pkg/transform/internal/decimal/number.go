package decimal

import (
	"math"
	"strconv"
)

// AppendInt appends a whole number.
func AppendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// ParseWhole reads a whole number of 64 bits. It accepts decimals if all of them are zero.
// It replaces strconv, whose errors quote their input.
func ParseWhole(b []byte) (v int64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	i := 0
	var u uint64
	for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
		d := uint64(b[i] - '0')
		if u > (math.MaxUint64-d)/10 {
			return 0, false
		}
		u = u*10 + d
	}
	if i == 0 || !zeroDecimals(b[i:]) {
		return 0, false
	}
	if negative {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u <= math.MaxInt64
}

func zeroDecimals(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != '.' || len(b) == 1 {
		return false
	}
	for _, c := range b[1:] {
		if c != '0' {
			return false
		}
	}
	return true
}

// IsSpecial reports whether a number is NaN or infinite, as PostgreSQL prints it.
func IsSpecial(b []byte) bool {
	switch string(b) {
	case "NaN", "Infinity", "-Infinity":
		return true
	}
	return false
}
