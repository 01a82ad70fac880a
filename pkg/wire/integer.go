package wire

import (
	"encoding/binary"
	"math"
	"strconv"
)

func decodeInt2(dst, bin []byte) ([]byte, error) {
	if len(bin) != 2 {
		return dst, ErrSize
	}
	return strconv.AppendInt(dst, int64(int16(binary.BigEndian.Uint16(bin))), 10), nil
}

func decodeInt4(dst, bin []byte) ([]byte, error) {
	if len(bin) != 4 {
		return dst, ErrSize
	}
	return strconv.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(bin))), 10), nil
}

func decodeInt8(dst, bin []byte) ([]byte, error) {
	if len(bin) != 8 {
		return dst, ErrSize
	}
	return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(bin)), 10), nil
}

func encodeInt2(dst, text []byte) ([]byte, error) {
	v, err := parseInt(text)
	if err != nil {
		return dst, err
	}
	if v < math.MinInt16 || v > math.MaxInt16 {
		return dst, ErrRange
	}
	return appendUint16(dst, uint16(v)), nil
}

func encodeInt4(dst, text []byte) ([]byte, error) {
	v, err := parseInt(text)
	if err != nil {
		return dst, err
	}
	if v < math.MinInt32 || v > math.MaxInt32 {
		return dst, ErrRange
	}
	return appendUint32(dst, uint32(v)), nil
}

func encodeInt8(dst, text []byte) ([]byte, error) {
	v, err := parseInt(text)
	if err != nil {
		return dst, err
	}
	return appendUint64(dst, uint64(v)), nil
}

// parseInt reads decimal digits with an optional sign. It is used in place of strconv, because the errors of strconv
// quote the input.
func parseInt(text []byte) (int64, error) {
	negative := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, ErrSyntax
	}
	var v uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, ErrSyntax
		}
		if v > (1<<63)/10 {
			return 0, ErrRange
		}
		v = v*10 + uint64(c-'0')
	}
	if negative {
		if v > 1<<63 {
			return 0, ErrRange
		}
		return int64(-v), nil
	}
	if v > math.MaxInt64 {
		return 0, ErrRange
	}
	return int64(v), nil
}
