package wire

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

func decodeFloat4(dst, bin []byte) ([]byte, error) {
	if len(bin) != 4 {
		return dst, ErrSize
	}
	return appendFloat(dst, float64(math.Float32frombits(binary.BigEndian.Uint32(bin))), 32), nil
}

func decodeFloat8(dst, bin []byte) ([]byte, error) {
	if len(bin) != 8 {
		return dst, ErrSize
	}
	return appendFloat(dst, math.Float64frombits(binary.BigEndian.Uint64(bin)), 64), nil
}

func encodeFloat4(dst, text []byte) ([]byte, error) {
	v, err := parseFloat(text, 32)
	if err != nil {
		return dst, err
	}
	return appendUint32(dst, math.Float32bits(float32(v))), nil
}

func encodeFloat8(dst, text []byte) ([]byte, error) {
	v, err := parseFloat(text, 64)
	if err != nil {
		return dst, err
	}
	return appendUint64(dst, math.Float64bits(v)), nil
}

func parseFloat(text []byte, size int) (float64, error) {
	switch string(text) {
	case "NaN":
		return math.Float64frombits(0x7FF8000000000000), nil // C's NaN; math.NaN has other bits
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if _, err := parseDecimal(text); err != nil { // strconv also accepts hexadecimal, underscores and inf
		return 0, err
	}
	v, err := strconv.ParseFloat(string(text), size)
	if err != nil { // strconv's error quotes the value
		return 0, ErrRange
	}
	return v, nil
}

// appendFloat prints a float as PostgreSQL 12 and later do with extra_float_digits ≥ 1. It prints the shortest decimal
// that is read as v again. It never prints a decimal that lies exactly halfway between two floats: strconv prints such
// a decimal, but PostgreSQL's d2s.c does not, because it is compiled without STRICTLY_SHORTEST. It uses the notation
// with an exponent if the exponent is below -4, or at least 15 (float8) or 6 (float4).
func appendFloat(dst []byte, v float64, size int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	mark := len(dst)
	dst = strconv.AppendFloat(dst, v, 'e', -1, size)
	digits, exponent := mantissa(dst[mark:])
	if midpoint(digits.value, exponent-digits.count+1, size) {
		dst = appendLonger(dst[:mark], v, digits.count, size)
		digits, exponent = mantissa(dst[mark:])
	}
	plain := 15
	if size == 32 {
		plain = 6
	}
	if exponent < -4 || exponent >= plain {
		return dst
	}
	return strconv.AppendFloat(dst[:mark], v, 'f', max(0, digits.count-1-exponent), size)
}

// significand is the digits of a number as an integer, and the number of these digits.
type significand struct {
	value uint64
	count int
}

// mantissa reads [-]d[.ddd]e±dd. It returns the digits and the power of ten of the first digit.
func mantissa(s []byte) (digits significand, exponent int) {
	i := 0
	for ; i < len(s) && s[i] != 'e'; i++ {
		if s[i] >= '0' && s[i] <= '9' {
			digits.value = digits.value*10 + uint64(s[i]-'0')
			digits.count++
		}
	}
	for _, c := range s[i+2:] {
		exponent = exponent*10 + int(c-'0')
	}
	if s[i+1] == '-' {
		exponent = -exponent
	}
	return digits, exponent
}

// midpoint reports whether value × 10^exponent lies exactly between two neighbouring floats. The odd part of a number
// is the number without its factors of two. A value is a midpoint if its odd part has one bit more than the significand
// of a float.
func midpoint(value uint64, exponent, size int) bool {
	want, most := 54, 24
	if size == 32 {
		want, most = 25, 11
	}
	if value == 0 || exponent > most || exponent < -most {
		return false // 5^|exponent| has more bits than the odd part or value can have
	}
	high, low := uint64(0), value
	for ; exponent > 0; exponent-- {
		var carry uint64
		carry, low = bits.Mul64(low, 5)
		high = high*5 + carry
		if high > math.MaxUint64/8 {
			return false
		}
	}
	for ; exponent < 0; exponent++ {
		if low%5 != 0 {
			return false
		}
		low /= 5
	}
	return bitLen(high, low)-trailingZeros(high, low) == want
}

func bitLen(high, low uint64) int {
	if high != 0 {
		return 64 + bits.Len64(high)
	}
	return bits.Len64(low)
}

func trailingZeros(high, low uint64) int {
	if low != 0 {
		return bits.TrailingZeros64(low)
	}
	return 64 + bits.TrailingZeros64(high)
}

// appendLonger appends the shortest number that has more than count digits, is read as v again, and is not a midpoint.
func appendLonger(dst []byte, v float64, count, size int) []byte {
	mark := len(dst)
	for precision := count; ; precision++ {
		dst = strconv.AppendFloat(dst[:mark], v, 'e', precision, size)
		back, err := strconv.ParseFloat(string(dst[mark:]), size)
		digits, exponent := mantissa(dst[mark:])
		if err == nil && back == v && !midpoint(digits.value, exponent-digits.count+1, size) || precision >= 17 {
			return dst
		}
	}
}
