package recognise

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// mailAt finds the e-mail address around the '@' at i. The address does not start before the offset floor. The local
// part has at most 64 characters (RFC 5321, 4.5.3.1.1) and may be quoted. The domain may be an address in brackets, or
// a host without a dot. If blanks, a line break, a backslash or another '@' stand beside the '@', the host has to have
// a dot.
func mailAt(b []byte, i, floor int) (start, end int, ok bool) {
	local, host := i, i+1
	for local > floor && i-local < 2 && (blank(b[local-1]) || b[local-1] == '\\') {
		local--
	}
	for host < len(b) && host-i < 4 && (blank(b[host]) || b[host] == '@') {
		host++
	}
	if start = localPart(b, local, max(floor, local-maxLocal)); start == local {
		return 0, 0, false
	}
	if host < len(b) && b[host] == '[' {
		n := bytes.IndexByte(b[host:min(len(b), host+maxHost)], ']')
		return start, host + n + 1, n > 1
	}
	end = hostEnd(b, host)
	if local == i && host == i+1 {
		return start, end, end > host
	}
	named := host > i+1 || bytes.ContainsAny(b[start:local], "._-0123456789")
	return start, end, named && end > host && bytes.IndexByte(b[host:end], '.') > 0 && topLevel(b[host:end])
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

const (
	maxLocal = 64
	maxHost  = 255
)

func localPart(b []byte, i, floor int) int {
	start := i
	if i > floor && b[i-1] == '"' {
		if q := bytes.LastIndexByte(b[floor:i-1], '"'); q >= 0 {
			return floor + q
		}
		return i
	}
	for start > floor {
		c := b[start-1]
		if c < utf8.RuneSelf {
			if !words.IsAlnum(c) && c != '.' && c != '_' && c != '-' && c != '+' && c != '%' && c != '\'' {
				break
			}
			start--
			continue
		}
		r, size := utf8.DecodeLastRune(b[floor:start])
		if k := words.KindOf(r); k == words.Separator || k == words.Single {
			break
		}
		start -= size
	}
	for start < i && b[start] < utf8.RuneSelf && !words.IsAlnum(b[start]) && b[start] != '_' {
		start++
	}
	return start
}

// hostEnd returns the end of the host name at i. It returns i if there is none.
func hostEnd(b []byte, i int) int {
	end := i
	for k := i; k < len(b) && k-i < maxHost; {
		c := b[k]
		switch {
		case words.IsAlnum(c):
			k++
			end = k
		case c == '.' || c == '-' || c == '_':
			if k == i {
				return i
			}
			k++
		case c >= utf8.RuneSelf:
			if !words.Continues(b, k) {
				return end
			}
			_, size := utf8.DecodeRune(b[k:])
			k += size
			end = k
		default:
			return end
		}
	}
	return end
}

// urlAt returns the end of the URL whose first word is b[i:end], or 0. A URL starts with a scheme and "://", with
// "www.", or with a host name and a path.
func urlAt(b []byte, i, end int) int {
	rest := b[end:]
	switch {
	case bytes.HasPrefix(rest, []byte("://")) && words.IsLetter(b[i]):
		if last := urlEnd(b, end+3); last > end+3 {
			return last
		}
	case len(rest) > 1 && (rest[0] == '.' || rest[0] == '-') && words.Continues(b, end+1) && words.IsLetter(b[i]):
		host := hostEnd(b, i)
		if bytes.EqualFold(b[i:end], []byte("www")) {
			return urlEnd(b, host)
		}
		path := host
		if port := digitsEnd(b, host+1, 5); host < len(b) && b[host] == ':' && port > host+1 {
			path = port
		}
		if path+1 < len(b) && b[path] == '/' && words.Continues(b, path+1) && bytes.IndexByte(b[i:host], '.') > 0 && topLevel(b[i:host]) {
			return urlEnd(b, path)
		}
	}
	return 0
}

// topLevel reports whether a name ends in letters that can be a top-level domain.
func topLevel(host []byte) bool {
	tail := host[bytes.LastIndexByte(host, '.')+1:]
	for _, c := range tail {
		if !words.IsLetter(c) {
			return false
		}
	}
	return len(tail) >= 2
}

// urlEnd returns the end of the URL: the next blank, or a character that URLs do not contain, such as a double quote or
// <. Punctuation at the end belongs to the sentence and not to the URL.
func urlEnd(b []byte, i int) int {
	for i < len(b) {
		c := b[i]
		if c <= ' ' || c == '<' || c == '>' || c == '"' || c == '`' || c == '\\' || c == '{' || c == '}' || c == '|' || c == '^' {
			break
		}
		if c >= utf8.RuneSelf && !words.Continues(b, i) {
			break
		}
		size := 1
		if c >= utf8.RuneSelf {
			_, size = utf8.DecodeRune(b[i:])
		}
		i += size
	}
	for i > 0 && strings.IndexByte(".,;:!?)]'*", b[i-1]) >= 0 {
		i--
	}
	return i
}

// uuidAt returns the end of a UUID in its usual form, or 0.
func uuidAt(b []byte, i int) int { return formAt(b, i, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") }

// formAt returns the end of the text at i if that text has the given form. Otherwise it returns 0. In the form, x is a
// digit in base 16, d is a digit in base 10, and l is a letter. Any other character stands for itself.
func formAt(b []byte, i int, form string) int {
	end := i + len(form)
	if len(b) < end || words.Continues(b, end) {
		return 0
	}
	for k, c := range b[i:end] {
		ok := c == form[k]
		switch form[k] {
		case 'x':
			ok = words.IsHex(c)
		case 'd':
			ok = words.IsDigit(c)
		case 'l':
			ok = words.IsLetter(c)
		}
		if !ok {
			return 0
		}
	}
	return end
}

// macAt returns the end of a hardware address, or 0. The address has six pairs, or eight (EUI-64), or three groups of
// four (Cisco).
func macAt(b []byte, i int) int {
	if end := hexGroups(b, i, 4, 3, '.'); end > 0 {
		return end
	}
	for _, sep := range []byte(":-") {
		for _, n := range [2]int{8, 6} {
			if end := hexGroups(b, i, 2, n, sep); end > 0 {
				return end
			}
		}
	}
	if end := hexGroups(b, i, 2, 6, ' '); end > 0 && digitsOf(b[i:end]) > 0 && digitsOf(b[i:end]) < 12 {
		return end
	}
	return 0
}

// hexGroups returns the end of exactly n groups at i, or 0. Each group has width digits in base 16. sep separates the
// groups.
func hexGroups(b []byte, i, width, n int, sep byte) int {
	for g := range n {
		if g > 0 {
			if i >= len(b) || b[i] != sep {
				return 0
			}
			i++
		}
		for range width {
			if i >= len(b) || !words.IsHex(b[i]) {
				return 0
			}
			i++
		}
	}
	if words.Continues(b, i) || i+1 < len(b) && b[i] == sep && words.IsHex(b[i+1]) {
		return 0
	}
	return i
}

// ipv4At returns the end of four numbers below 256 with dots between them, or 0. A prefix length or port is not part of
// the match.
func ipv4At(b []byte, i int) int {
	for part := range 4 {
		if part > 0 {
			if i >= len(b) || b[i] != '.' {
				return 0
			}
			i++
		}
		v, n := 0, 0
		for ; n < 3 && i < len(b) && words.IsDigit(b[i]); n++ {
			v = v*10 + int(b[i]-'0')
			i++
		}
		if n == 0 || v > 255 {
			return 0
		}
	}
	if words.Continues(b, i) || i+1 < len(b) && b[i] == '.' && words.IsDigit(b[i+1]) {
		return 0
	}
	return i
}

// ipv6At returns the end of an IPv6 address (RFC 4291, 2.2), or 0. A zone or prefix length is not part of the match.
func ipv6At(b []byte, i int) int {
	groups, short := 0, false
	if bytes.HasPrefix(b[i:], []byte("::")) {
		short, i = true, i+2
	}
	for groups < 8 {
		n := 0
		for n < 5 && i+n < len(b) && words.IsHex(b[i+n]) {
			n++
		}
		if n == 0 || n > 4 {
			break
		}
		if end := ipv4At(b, i); end > 0 && groups > 0 {
			groups, i = groups+2, end
			break
		}
		i, groups = i+n, groups+1
		if i+1 >= len(b) || b[i] != ':' {
			break
		}
		if b[i+1] == ':' && !short {
			short, i = true, i+2
		} else if words.IsHex(b[i+1]) && groups < 8 {
			i++
		}
	}
	if groups == 0 || groups > 8 || short == (groups == 8) || words.Continues(b, i) || i+1 < len(b) && b[i] == ':' && words.IsHex(b[i+1]) {
		return 0
	}
	return i
}
