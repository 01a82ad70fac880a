package probe

import (
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"
)

const hexDigits = "0123456789abcdef"

func appendHex(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// appendUUID appends the text of a uuid.
func appendUUID(dst, b []byte) ([]byte, error) {
	if len(b) != 16 {
		return dst, ErrSize
	}
	for i, end := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			dst = append(dst, '-')
		}
		start := 0
		if i > 0 {
			start = [...]int{4, 6, 8, 10}[i-1]
		}
		dst = appendHex(dst, b[start:end])
	}
	return dst, nil
}

// appendMAC appends the text of a macaddr or macaddr8.
func appendMAC(dst, b []byte) ([]byte, error) {
	if len(b) != 6 && len(b) != 8 {
		return dst, ErrSize
	}
	for i := range b {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = appendHex(dst, b[i:i+1])
	}
	return dst, nil
}

// appendInet appends the text of an inet or cidr. The value consists of its family, the length of its netmask, whether
// it is a cidr, the length of the address, and the address.
func appendInet(dst, b []byte) ([]byte, error) {
	if len(b) < 4 || len(b) != 4+int(b[3]) {
		return dst, ErrSize
	}
	addr, ok := netip.AddrFromSlice(b[4:])
	if !ok {
		return dst, ErrSize
	}
	dst = addr.AppendTo(dst)
	if b[2] != 0 || int(b[1]) != addr.BitLen() {
		dst = strconv.AppendInt(append(dst, '/'), int64(b[1]), 10)
	}
	return dst, nil
}

// appendJSONB appends the text of a jsonb. It begins with a version.
func appendJSONB(dst, b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != 1 {
		return dst, ErrParts
	}
	return append(dst, b[1:]...), nil
}

// The signs of a numeric. The last three signs belong to values without digits: NaN and the two infinities.
const (
	numericNegative = 0x4000
	numericNaN      = 0xc000
	numericInf      = 0xd000
	numericMinusInf = 0xf000
)

// mostDigits returns the largest number of digits that the text of a numeric can have. It does not write the text. If
// the value does not have the length of its type, mostDigits returns a large number.
func mostDigits(b []byte) int {
	if len(b) < 8 || len(b) != 8+2*int(binary.BigEndian.Uint16(b)) {
		return math.MaxInt
	}
	weight, scale := int(int16(binary.BigEndian.Uint16(b[2:]))), int(binary.BigEndian.Uint16(b[6:]))
	return max(4*(weight+1), 1) + scale
}

// appendNumeric appends the text of a numeric. The value consists of the number of its digits in base 10,000, the
// weight of the first digit, the sign, the number of decimals that are shown, and the digits.
func appendNumeric(dst, b []byte) ([]byte, error) {
	if len(b) < 8 {
		return dst, ErrSize
	}
	n, weight := int(binary.BigEndian.Uint16(b)), int(int16(binary.BigEndian.Uint16(b[2:])))
	sign, scale := binary.BigEndian.Uint16(b[4:]), int(binary.BigEndian.Uint16(b[6:]))
	if b = b[8:]; len(b) != 2*n || scale > 1<<14 {
		return dst, ErrSize
	}
	switch sign {
	case numericNaN:
		return append(dst, "NaN"...), nil
	case numericInf:
		return append(dst, "Infinity"...), nil
	case numericMinusInf:
		return append(dst, "-Infinity"...), nil
	case numericNegative:
		dst = append(dst, '-')
	}
	group := func(i int) int { // the digit of weight -i, or 0 if it was not sent
		if i += weight; i < 0 || i >= n {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[2*i:])) % 10000
	}
	if weight < 0 {
		dst = append(dst, '0')
	}
	for w := weight; w >= 0; w-- {
		g := group(-w)
		if w == weight {
			dst = strconv.AppendInt(dst, int64(g), 10)
			continue
		}
		dst = append(dst, byte('0'+g/1000), byte('0'+g/100%10), byte('0'+g/10%10), byte('0'+g%10))
	}
	if scale == 0 {
		return dst, nil
	}
	dst = append(dst, '.')
	end := len(dst) + scale
	for i := 1; len(dst) < end; i++ {
		g := group(i)
		dst = append(dst, byte('0'+g/1000), byte('0'+g/100%10), byte('0'+g/10%10), byte('0'+g%10))
	}
	return dst[:end], nil
}
