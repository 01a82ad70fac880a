package decimal

// Digits reads a number at the start of a text. The number has at least least and at most most digits. rest is the text
// after the number.
func Digits(b []byte, least, most int) (v int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < most && '0' <= b[i] && b[i] <= '9'; i++ {
		v = v*10 + int64(b[i]-'0')
	}
	return v, b[i:], i >= least
}
