package folded

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// escape decodes the escape at i. The result size is 0 if there is no escape. escape returns the constant removed for
// characters that only interrupt a word: a hyphen or a soft line break at the end of a line, a tag such as <b>, and
// control characters.
func (t *Text) escape(b []byte, i int) (r rune, size int) {
	switch c := b[i]; c {
	case '&':
		return reference(b[i:])
	case '%':
		return encoded(b[i:])
	case '=':
		if n := lineEnd(b[i+1:]); n > 0 {
			return removed, 1 + n // a soft line break of quoted-printable
		}
		return quoted(b[i:])
	case '\\':
		return backslash(b[i:])
	case '-':
		return removed, hyphenation(b, i)
	case '<':
		return removed, inlineTag(b[i:])
	}
	if b[i] < ' ' && (b[i] < '\t' || b[i] > '\r') || b[i] == 0x7f {
		return removed, 1
	}
	return 0, 0
}

// reference decodes a numeric character reference: &#64; or &#x40;. The semicolon may be absent.
func reference(b []byte) (r rune, size int) {
	if len(b) < 3 || b[1] != '#' {
		return 0, 0
	}
	i, base := 2, 10
	if b[2]|0x20 == 'x' {
		i, base = 3, 16
	}
	r, n := number(b[i:], base, 7)
	if i += n; n == 0 {
		return 0, 0
	}
	if i < len(b) && b[i] == ';' {
		i++
	}
	return visible(r, i)
}

// visible returns a decoded character with the size of its escape. A character that a text cannot contain is not
// decoded.
func visible(r rune, size int) (rune, int) {
	if r < ' ' && r != '\n' && r != '\t' && r != '\r' || !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, size
}

// number reads a number in the given base. It reads no more digits than the argument most says.
func number(b []byte, base, most int) (r rune, n int) {
	for n < most && n < len(b) {
		d := strings.IndexByte("0123456789abcdef", b[n]|0x20)
		if b[n] < '0' || d < 0 || d >= base {
			break
		}
		r = r*rune(base) + rune(d)
		n++
	}
	return r, n
}

// encoded decodes the percent signs of URLs: %40, or the bytes %C3%BC of one character.
func encoded(b []byte) (r rune, size int) {
	return character(b, 3, func(b []byte) (rune, bool) {
		c, n := number(b[1:], 16, 2)
		return c, n == 2 && b[0] == '%'
	})
}

// quoted decodes the bytes =C3=BC of one character in quoted-printable. Escapes of ASCII characters are not decoded,
// because a text such as width=40 contains no escape.
func quoted(b []byte) (r rune, size int) {
	return character(b, 3, func(b []byte) (rune, bool) {
		c, n := number(b[1:], 16, 2)
		return c, n == 2 && b[0] == '=' && c >= utf8.RuneSelf && !bytes.ContainsAny(b, "abcdef")
	})
}

// character decodes a character whose bytes are escaped one by one. The escape of each byte has a fixed number of
// characters (width). The function one decodes the escape of one byte. If the first byte does not begin a character in
// UTF-8, it is read as Latin-1.
func character(b []byte, width int, one func([]byte) (rune, bool)) (r rune, size int) {
	var buf [utf8.UTFMax]byte
	n := 0
	for n < len(buf) && len(b) >= width*(n+1) {
		c, ok := one(b[width*n : width*(n+1)])
		if !ok {
			break
		}
		buf[n] = byte(c)
		if n++; c < utf8.RuneSelf {
			break
		}
	}
	if n == 0 {
		return 0, 0
	}
	r, size = utf8.DecodeRune(buf[:n])
	if r == utf8.RuneError {
		r, size = rune(buf[0]), 1
	}
	return visible(r, width*size)
}

// backslash decodes escapes that begin with a backslash: \u00fc, \u{fc}, \U000000fc, \xfc, the octal bytes \303\274,
// and the surrogate pairs of JSON.
func backslash(b []byte) (r rune, size int) {
	if len(b) < 4 {
		return 0, 0
	}
	switch b[1] {
	case 'u':
		return unicodeEscape(b)
	case 'U':
		if r, n := number(b[2:], 16, 8); n == 8 {
			return visible(r, 10)
		}
	case 'x':
		if b[2] == '{' {
			return braced(b)
		}
		return hexBytes(b)
	case '0', '1', '2', '3':
		return octalBytes(b)
	}
	return 0, 0
}

func unicodeEscape(b []byte) (r rune, size int) {
	if b[2] == '{' {
		return braced(b)
	}
	r, n := number(b[2:], 16, 4)
	if n != 4 {
		return 0, 0
	}
	if low, n := rune(0), 0; 0xd800 <= r && r < 0xdc00 && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if low, n = number(b[8:], 16, 4); n == 4 && 0xdc00 <= low && low < 0xe000 {
			return visible((r-0xd800)<<10+low-0xdc00+0x10000, 12)
		}
	}
	return visible(r, 6)
}

// braced decodes the escapes \u{fc} and \x{fc}.
func braced(b []byte) (r rune, size int) {
	r, n := number(b[3:], 16, 6)
	if n == 0 || 3+n >= len(b) || b[3+n] != '}' {
		return 0, 0
	}
	return visible(r, 4+n)
}

// hexBytes decodes the escape \xfc, or the bytes \xc3\xbc of one character.
func hexBytes(b []byte) (r rune, size int) {
	return character(b, 4, func(b []byte) (rune, bool) {
		c, n := number(b[2:], 16, 2)
		return c, n == 2 && b[0] == '\\' && b[1] == 'x'
	})
}

// octalBytes decodes the escape \374, or the bytes \303\274 of one character.
func octalBytes(b []byte) (r rune, size int) {
	return character(b, 4, func(b []byte) (rune, bool) {
		c, n := number(b[1:], 8, 3)
		return c, n == 3 && b[0] == '\\' && c >= utf8.RuneSelf && c <= 0xff
	})
}

// newEntities returns the named characters of HTML, such as &uuml;, that a name, an address or a number may contain. It
// decodes each of them with package html.
func newEntities() map[string]string {
	names := strings.Fields("szlig AElig aelig OElig oelig THORN thorn ETH eth inodot amp quot apos lt gt nbsp shy ensp emsp thinsp " +
		"numsp zwnj zwj lrm rlm ZeroWidthSpace NoBreak commat period lowbar hyphen dash ndash mdash minus plus sol bsol colon semi " +
		"comma num percnt lpar rpar lsqb rsqb equals NewLine Tab ccedil Ccedil")
	for _, mark := range strings.Fields("acute grave circ uml tilde cedil ring caron slash breve macr ogon dot dblac strok") {
		for c := byte('a'); c <= 'z'; c++ {
			names = append(names, string(c)+mark, string(c-'a'+'A')+mark)
		}
	}
	m := map[string]string{}
	for _, name := range names {
		if text := html.UnescapeString("&" + name + ";"); text != "&"+name+";" {
			m[name] = text
		}
	}
	return m
}

// The lengths of the names of entities. A name without a semicolon is read only if it has at least minOpen characters,
// because a shorter name may be a word.
const (
	maxEntity = 16
	maxOpen   = 8
	minOpen   = 4
)

// entity decodes a named character such as &uuml; at i. The semicolon may be absent. The result size is 0 if there is
// no named character.
func (t *Text) entity(b []byte, i int) (text string, size int) {
	if b[i] != '&' {
		return "", 0
	}
	name := b[i+1 : min(len(b), i+maxEntity+2)]
	if n := bytes.IndexByte(name, ';'); n >= 0 {
		if text = t.entities[string(name[:n])]; text != "" {
			return text, n + 2
		}
	}
	for n := min(len(name), maxOpen); n >= minOpen; n-- {
		if text = t.entities[string(name[:n])]; text != "" {
			return text, n + 1
		}
	}
	return "", 0
}

// hyphenation returns the length of a hyphen at the end of a line, together with the line break, and the blanks and
// quotation marks (>) before the next word. There must be a letter before the hyphen, and the next word must begin with
// a letter. Otherwise hyphenation returns 0.
func hyphenation(b []byte, i int) int {
	n := lineEnd(b[i+1:])
	if n == 0 || i == 0 || !letterBefore(b, i) {
		return 0
	}
	k := i + 1 + n
	for k < len(b) && k < i+maxIndent && (b[k] == ' ' || b[k] == '\t' || b[k] == '>') {
		k++
	}
	if k == len(b) || !letter(b[k]) {
		return 0
	}
	return k - i
}

const maxIndent = 24

func letter(c byte) bool { return words.IsLetter(c) || c >= utf8.RuneSelf }

func letterBefore(b []byte, i int) bool { return letter(b[i-1]) }

// lineEnd returns the length of the line break at the start of b.
func lineEnd(b []byte) int {
	switch {
	case len(b) > 0 && b[0] == '\n':
		return 1
	case len(b) > 1 && b[0] == '\r' && b[1] == '\n':
		return 2
	}
	return 0
}

// inlineTag returns the length of an HTML comment, or of an HTML tag that does not separate words, such as <b>. Both
// end at the first >. It returns 0 for other tags.
func inlineTag(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), maxTag)], '>')
	if end < 2 {
		return 0
	}
	if bytes.HasPrefix(b, []byte("<!--")) {
		return end + 1
	}
	name := bytes.TrimPrefix(b[1:end], []byte("/"))
	n := 0
	for n < len(name) && words.IsAlnum(name[n]) {
		n++
	}
	if n < len(name) && name[n] != ' ' && name[n] != '/' {
		return 0
	}
	if !among(name[:n], "b", "i", "u", "s", "em", "strong", "span", "font", "mark", "small", "big", "sub", "sup", "wbr", "a", "tt") {
		return 0
	}
	return end + 1
}

// among reports whether a word is in a list. It ignores case.
func among(word []byte, list ...string) bool {
	for _, s := range list {
		if len(word) <= 2*len(s) && strings.EqualFold(string(word), s) {
			return true
		}
	}
	return false
}

const maxTag = 256

// bracketed reads a sign in brackets, such as [at], (dot), [@] or {.}. It returns the sign, and the offsets of the
// brackets with the blanks around them. The blanks before the brackets are read back to the offset floor at most. The
// result end is 0 if there is no sign in brackets.
func bracketed(b []byte, i, floor int) (r rune, from, end int) {
	if b[i] != '(' && b[i] != '[' && b[i] != '{' && b[i] != '<' {
		return 0, 0, 0
	}
	k := i + 1
	for k < len(b) && k < i+maxWord && b[k] != ')' && b[k] != ']' && b[k] != '}' && b[k] != '>' {
		k++
	}
	if k == len(b) || k == i+maxWord {
		return 0, 0, 0
	}
	switch word := bytes.TrimSpace(b[i+1 : k]); {
	case among(word, "at", "@", "ät", "a", "arroba", "arobase", "chiocciola", "klammeraffe"):
		r = '@'
	case among(word, "dot", ".", "punkt", "punto", "point", "ponto", "kropka"):
		r = '.'
	default:
		return 0, 0, 0
	}
	from, end = i, k+1
	for from > floor && b[from-1] == ' ' {
		from--
	}
	for end < len(b) && b[end] == ' ' {
		end++
	}
	return r, from, end
}

// maxWord limits the number of bytes between two brackets that the function bracketed reads.
const maxWord = 16
