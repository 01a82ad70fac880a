package wire

// Error is a fixed text that says what is wrong with some bytes. It never contains the bytes.
type Error string

func (e Error) Error() string { return string(e) }

// The errors of this package.
const (
	ErrTruncated   Error = "the row ends early"
	ErrColumnCount Error = "the row does not have the expected number of columns"
	ErrFraming     Error = "the row's framing is broken"
	ErrHeader      Error = "not a COPY binary header that this version understands"
	ErrSize        Error = "the binary value has the wrong size for its type"
	ErrVersion     Error = "the binary value has an unknown version"
	ErrSyntax      Error = "the text is not a value of the column's type"
	ErrRange       Error = "the value is out of the range of the column's type"
	ErrNUL         Error = "the text holds a NUL byte"
)
