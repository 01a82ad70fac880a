// Package visible makes texts from outside safe to show. The name of a table, for example, may have escape sequences
// that control a terminal. It may also have line breaks that fake a line of output, or characters that change the
// direction of writing.
package visible

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes every character that is not printable, including line breaks and tabs, and every byte that is not valid
// UTF-8. Blanks stay.
func Text(s string) string {
	if !strings.ContainsFunc(s, unprintable) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unprintable(r):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// JSON escapes every character of a JSON text that is not printable. Blanks and line breaks stay. The result is JSON
// with the same meaning.
func JSON(data []byte) []byte {
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		switch {
		case !unprintable(r) || r == '\n':
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

func unprintable(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
