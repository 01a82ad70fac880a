package wire

import "encoding/binary"

// Codec converts between the binary form of one type's values and the text that PostgreSQL prints for them. The text
// follows DateStyle ISO, IntervalStyle postgres, TimeZone UTC, extra_float_digits 1 and bytea_output hex. A Codec has
// no state, and allocates no memory except for dst. Its errors never contain a value.
type Codec struct {
	decode func(dst, bin []byte) ([]byte, error)
	encode func(dst, text []byte) ([]byte, error)
}

// Verbatim reports whether the binary form equals the text.
func (c Codec) Verbatim() bool { return c.decode == nil }

// AppendText appends the text of a value that is given in binary form.
func (c Codec) AppendText(dst, bin []byte) ([]byte, error) {
	if c.decode == nil {
		return append(dst, bin...), nil
	}
	return c.decode(dst, bin)
}

// AppendBinary appends the binary form of a value that is given as text.
func (c Codec) AppendBinary(dst, text []byte) ([]byte, error) {
	if c.encode == nil {
		return append(dst, text...), nil
	}
	return c.encode(dst, text)
}

// CodecFor returns the codec of a base type by its catalog name ("int4", "citext"), or the codec of any enum. It
// returns false for a type without a codec. If values of such a type are treated, the table is read and written as COPY
// text.
func CodecFor(base string, enum bool) (Codec, bool) {
	if enum {
		return Codec{}, true
	}
	switch base {
	case "text", "varchar", "bpchar", "citext", "name", "json", "xml":
		return Codec{}, true
	case "jsonb":
		return Codec{decodeJSONB, encodeJSONB}, true
	case "int2":
		return Codec{decodeInt2, encodeInt2}, true
	case "int4":
		return Codec{decodeInt4, encodeInt4}, true
	case "int8":
		return Codec{decodeInt8, encodeInt8}, true
	case "bool":
		return Codec{decodeBool, encodeBool}, true
	case "uuid":
		return Codec{decodeUUID, encodeUUID}, true
	case "bytea":
		return Codec{decodeBytea, encodeBytea}, true
	case "numeric":
		return Codec{decodeNumeric, encodeNumeric}, true
	case "float4":
		return Codec{decodeFloat4, encodeFloat4}, true
	case "float8":
		return Codec{decodeFloat8, encodeFloat8}, true
	case "date":
		return Codec{decodeDate, encodeDate}, true
	case "timestamp":
		return Codec{decodeTimestamp, encodeTimestamp}, true
	case "timestamptz":
		return Codec{decodeTimestampTZ, encodeTimestampTZ}, true
	}
	return Codec{}, false
}

const jsonbVersion = 1

func decodeJSONB(dst, bin []byte) ([]byte, error) {
	if len(bin) == 0 {
		return dst, ErrSize
	}
	if bin[0] != jsonbVersion {
		return dst, ErrVersion
	}
	return append(dst, bin[1:]...), nil
}

func encodeJSONB(dst, text []byte) ([]byte, error) {
	return append(append(dst, jsonbVersion), text...), nil
}

func decodeBool(dst, bin []byte) ([]byte, error) {
	if len(bin) != 1 {
		return dst, ErrSize
	}
	if bin[0] != 0 {
		return append(dst, 't'), nil
	}
	return append(dst, 'f'), nil
}

func encodeBool(dst, text []byte) ([]byte, error) {
	switch string(text) {
	case "t", "true":
		return append(dst, 1), nil
	case "f", "false":
		return append(dst, 0), nil
	}
	return dst, ErrSyntax
}

const lowerHex = "0123456789abcdef"

func appendHex(dst, bin []byte) []byte {
	for _, c := range bin {
		dst = append(dst, lowerHex[c>>4], lowerHex[c&15])
	}
	return dst
}

// appendUnhex appends the bytes of an even number of hexadecimal digits.
func appendUnhex(dst, text []byte) ([]byte, error) {
	if len(text)%2 != 0 {
		return dst, ErrSyntax
	}
	for i := 0; i < len(text); i += 2 {
		high, low := hexDigit(text[i]), hexDigit(text[i+1])
		if high < 0 || low < 0 {
			return dst, ErrSyntax
		}
		dst = append(dst, byte(high<<4|low))
	}
	return dst, nil
}

func decodeUUID(dst, bin []byte) ([]byte, error) {
	if len(bin) != 16 {
		return dst, ErrSize
	}
	dst = append(appendHex(dst, bin[:4]), '-')
	dst = append(appendHex(dst, bin[4:6]), '-')
	dst = append(appendHex(dst, bin[6:8]), '-')
	dst = append(appendHex(dst, bin[8:10]), '-')
	return appendHex(dst, bin[10:]), nil
}

func encodeUUID(dst, text []byte) ([]byte, error) {
	if len(text) == 32 {
		return appendUnhex(dst, text)
	}
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return dst, ErrSyntax
	}
	var err error
	for _, part := range [...][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		if dst, err = appendUnhex(dst, text[part[0]:part[1]]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func decodeBytea(dst, bin []byte) ([]byte, error) {
	return appendHex(append(dst, '\\', 'x'), bin), nil
}

// encodeBytea reads only the hexadecimal form. masker's sessions set bytea_output to hex, so the server prints no other
// form.
func encodeBytea(dst, text []byte) ([]byte, error) {
	if len(text) < 2 || text[0] != '\\' || text[1] != 'x' {
		return dst, ErrSyntax
	}
	return appendUnhex(dst, text[2:])
}

func appendUint16(dst []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(dst, v) }
func appendUint32(dst []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(dst, v) }
func appendUint64(dst []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(dst, v) }
