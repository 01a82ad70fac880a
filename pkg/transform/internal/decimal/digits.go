package decimal

// Digits reads a number at the start of a text. The number has at least as many digits as the argument least says, and
// at most as many as the argument most says.
func Digits(b []byte, least, most int) (v int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < most && '0' <= b[i] && b[i] <= '9'; i++ {
		v = v*10 + int64(b[i]-'0')
	}
	return v, b[i:], i >= least
}
