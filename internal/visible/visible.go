// Package visible makes texts from outside safe to show: a table's name may hold escape
// sequences that steer a terminal, line breaks that fake a line of output, and characters
// that turn the direction of writing.
package visible

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes whatever is not printed as itself, line breaks and tabs too.
func Text(s string) string {
	if !strings.ContainsFunc(s, unsafe) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafe(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// JSON escapes whatever a terminal could take as a command, in JSON text. Line breaks between its parts stay.
func JSON(data []byte) []byte {
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		switch {
		case !unsafe(r) || r == '\n':
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

func unsafe(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
