package wire

import (
	"encoding/binary"
	"math"
)

// The binary form of numeric (numeric_send) has four words of 16 bits: the number of digits, the weight, the sign and
// the display scale. After the words come the digits in base 10,000, of 16 bits each. The value is
// Σ digit[i] × 10000^(weight-i).
const (
	numericHeader   = 8
	numericPositive = 0x0000
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPlusInf  = 0xD000
	numericMinusInf = 0xF000
	numericMaxScale = 0x3FFF
	numericInfScale = 0x20 // the display scale that numeric_send writes for infinities; it has no meaning
)

func decodeNumeric(dst, bin []byte) ([]byte, error) {
	if len(bin) < numericHeader {
		return dst, ErrSize
	}
	count := int(binary.BigEndian.Uint16(bin))
	weight := int(int16(binary.BigEndian.Uint16(bin[2:])))
	sign := binary.BigEndian.Uint16(bin[4:])
	scale := int(binary.BigEndian.Uint16(bin[6:]))
	digits := bin[numericHeader:]
	if len(digits) != 2*count || scale > numericMaxScale {
		return dst, ErrSize
	}
	for i := range count {
		if binary.BigEndian.Uint16(digits[2*i:]) > 9999 {
			return dst, ErrRange
		}
	}
	switch sign {
	case numericNaN:
		return append(dst, "NaN"...), nil
	case numericPlusInf:
		return append(dst, "Infinity"...), nil
	case numericMinusInf:
		return append(dst, "-Infinity"...), nil
	case numericNegative:
		dst = append(dst, '-')
	case numericPositive:
	default:
		return dst, ErrRange
	}
	dst = appendWhole(dst, digits, weight)
	return appendFraction(dst, digits, weight, scale), nil
}

func numericDigit(digits []byte, i int) uint16 {
	if i < 0 || 2*i >= len(digits) {
		return 0
	}
	return binary.BigEndian.Uint16(digits[2*i:])
}

func appendWhole(dst, digits []byte, weight int) []byte {
	mark := len(dst)
	for i := 0; i <= weight; i++ {
		d := numericDigit(digits, i)
		for unit := uint16(1000); unit > 0; unit /= 10 {
			if digit := d / unit % 10; digit != 0 || len(dst) > mark {
				dst = append(dst, '0'+byte(digit))
			}
		}
	}
	if len(dst) == mark {
		dst = append(dst, '0')
	}
	return dst
}

func appendFraction(dst, digits []byte, weight, scale int) []byte {
	if scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for i := weight + 1; ; i++ {
		d := numericDigit(digits, i)
		for unit := uint16(1000); unit > 0; unit /= 10 {
			dst = append(dst, '0'+byte(d/unit%10))
			if scale--; scale == 0 {
				return dst
			}
		}
	}
}

// decimal is a decimal literal, split into its parts. The slices point into the literal's text.
type decimal struct {
	negative bool
	whole    []byte // digits before the point
	fraction []byte // digits after the point
	exponent int
}

func (d *decimal) digits() int { return len(d.whole) + len(d.fraction) }

// digit returns digit i of whole and fraction together. It returns 0 beyond either end.
func (d *decimal) digit(i int) uint16 {
	switch {
	case i < 0 || i >= d.digits():
		return 0
	case i < len(d.whole):
		return uint16(d.whole[i] - '0')
	}
	return uint16(d.fraction[i-len(d.whole)] - '0')
}

func parseDecimal(text []byte) (d decimal, err error) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.negative = text[0] == '-'
		text = text[1:]
	}
	d.whole, text = cutDigits(text)
	if len(text) > 0 && text[0] == '.' {
		d.fraction, text = cutDigits(text[1:])
	}
	if d.digits() == 0 {
		return d, ErrSyntax
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		exponent, err := parseInt(text[1:])
		if err != nil {
			return d, err
		}
		if exponent < -math.MaxInt16*8 || exponent > math.MaxInt16*8 {
			return d, ErrRange
		}
		d.exponent, text = int(exponent), nil
	}
	if len(text) > 0 {
		return d, ErrSyntax
	}
	return d, nil
}

func cutDigits(s []byte) (digits, rest []byte) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n], s[n:]
}

func encodeNumeric(dst, text []byte) ([]byte, error) {
	switch string(text) {
	case "NaN":
		return appendNumericHeader(dst, 0, 0, numericNaN, 0), nil
	case "Infinity":
		return appendNumericHeader(dst, 0, 0, numericPlusInf, numericInfScale), nil
	case "-Infinity":
		return appendNumericHeader(dst, 0, 0, numericMinusInf, numericInfScale), nil
	}
	d, err := parseDecimal(text)
	if err != nil {
		return dst, err
	}
	scale := max(0, len(d.fraction)-d.exponent)
	if scale > numericMaxScale {
		return dst, ErrRange
	}
	return appendNumeric(dst, &d, scale)
}

// appendNumeric groups decimal digits into base 10,000, aligned at the decimal point
// (numeric.c, set_var_from_str). It drops zero groups at both ends.
func appendNumeric(dst []byte, d *decimal, scale int) ([]byte, error) {
	first := 0
	for first < d.digits() && d.digit(first) == 0 {
		first++
	}
	if first == d.digits() {
		return appendNumericHeader(dst, 0, 0, numericPositive, scale), nil
	}
	top := len(d.whole) + d.exponent - 1 - first // power of ten of the first digit that is not zero
	weight := floorDiv(top, 4)
	if weight > math.MaxInt16 || weight < math.MinInt16 {
		return dst, ErrRange
	}
	sign := numericPositive
	if d.negative {
		sign = numericNegative
	}
	mark := len(dst)
	dst = appendNumericHeader(dst, 0, weight, sign, scale)
	end := len(dst) // after the last group that is not zero
	for at := first - (3 - (top - 4*weight)); at < d.digits(); at += 4 {
		group := d.digit(at)*1000 + d.digit(at+1)*100 + d.digit(at+2)*10 + d.digit(at+3)
		dst = appendUint16(dst, group)
		if group != 0 {
			end = len(dst)
		}
	}
	dst = dst[:end]
	count := (end - mark - numericHeader) / 2
	if count > math.MaxUint16 {
		return dst[:mark], ErrRange
	}
	binary.BigEndian.PutUint16(dst[mark:], uint16(count))
	return dst, nil
}

func appendNumericHeader(dst []byte, count, weight, sign, scale int) []byte {
	dst = appendUint16(dst, uint16(count))
	dst = appendUint16(dst, uint16(int16(weight)))
	dst = appendUint16(dst, uint16(sign))
	return appendUint16(dst, uint16(scale))
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
