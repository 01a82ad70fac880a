package wire

import "encoding/binary"

// BinaryHeader is the beginning of a COPY binary stream. No flag is set, and the header extension is empty.
const BinaryHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// BinaryTrailer is the end of a COPY binary stream. It is a column count of -1.
const BinaryTrailer = "\xff\xff"

const binarySignature = "PGCOPY\n\xff\r\n\x00"

// CutBinaryHeader returns the bytes after the header at the start of b. The server sends the header in one message with
// the first row, or with the trailer if there are no rows.
func CutBinaryHeader(b []byte) ([]byte, error) {
	if len(b) < len(BinaryHeader) || string(b[:len(binarySignature)]) != binarySignature {
		return nil, ErrHeader
	}
	flags := binary.BigEndian.Uint32(b[len(binarySignature):])
	if flags>>16 != 0 { // a reader must not read on if an unknown bit of the upper half is set
		return nil, ErrHeader
	}
	extension := uint64(binary.BigEndian.Uint32(b[len(binarySignature)+4:]))
	rest := b[len(BinaryHeader):]
	if extension > uint64(len(rest)) {
		return nil, ErrHeader
	}
	return rest[extension:], nil
}

// IsBinaryTrailer reports whether b is the trailer. The argument b is a message that begins where a row could begin.
func IsBinaryTrailer(b []byte) bool { return string(b) == BinaryTrailer }
