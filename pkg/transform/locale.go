package transform

import (
	"bytes"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// locale is a country as fakes know it: its names, its places and the shapes of its numbers. The tables are
// constant data shared by every compiled column; nobody writes to them.
type locale struct {
	name                    string   // what rules call it
	country, alpha2, alpha3 string   // in the country's own language; ISO 3166-1
	also                    []string // other names of the country that rows may hold, folded
	madam, sir              string

	female, male, family []string
	feminine             bool // family names in -ki and -ny end in -a for a woman

	dial, trunk string       // "+49 " before the number from abroad, "0" at home
	phones      []phoneRange // that belong to nobody

	streets, kinds []string // "Linden" and "straße"
	kindFirst      bool     // rue des Lilas
	glue           string   // between street and kind
	houses         int      // house numbers from 1
	houseFirst     bool     // 12 Oak Street
	beforeHouse    string   // where the number stands behind the street
	town           string   // how a line of an address ends: "{postcode} {city}"

	firms   []string // "GmbH"
	plate   string   // pattern of registration plates
	regions []region
	cities  []city
}

// phoneRange is a pattern in which # is a digit, and how many numbers it has. A is a North American area code.
type phoneRange struct {
	pattern string
	numbers int
}

type region struct{ code, name string }

// city has a pattern of postcodes, an index into the regions, and where it lies in hundredths of a degree.
type city struct {
	name, postcode      string
	region              int
	latitude, longitude int
}

// locales are all there are; the first is where fakes live that say nothing else.
func locales() []*locale {
	return []*locale{&american, &british, &german, &french, &spanish, &italian, &dutch, &polish, &portuguese}
}

// localeNamed finds a locale by what rules call it, or nil.
func localeNamed(name string) *locale {
	for _, l := range locales() {
		if l.name == name {
			return l
		}
	}
	return nil
}

// countries finds locales by what a row may call a country.
type countries map[string]*locale

func newCountries() countries {
	c := countries{}
	for _, l := range locales() {
		for _, name := range append([]string{l.alpha2, l.alpha3, l.country}, l.also...) {
			c[string(appendFolded(nil, []byte(name), true))] = l
		}
	}
	return c
}

// find reads DE, DEU, Germany, Deutschland, de_DE, de-DE and de_DE.UTF-8; nil where the country is none of
// the locales. buf is scratch.
func (c countries) find(text, buf []byte) (*locale, []byte) {
	buf = appendFolded(buf[:0], bytes.TrimSpace(text), true)
	name := buf
	if i := bytes.IndexAny(name, ".@"); i > 0 {
		name = name[:i]
	}
	if len(name) == 5 && (name[2] == '_' || name[2] == '-') {
		name = name[3:] // the country of a language tag
	}
	return c[string(name)], buf
}

// pick patterns: # is a digit, % one that is not 0, @ a letter that is neither vowel-like nor easily misread.
const patternLetters = "ABDEFGHJLNPQRTUWXYZ"

// appendPattern fills a pattern by the bits of x.
func appendPattern(dst []byte, pattern string, x uint64) []byte {
	var n uint64
	for i := range len(pattern) {
		switch c := pattern[i]; c {
		case '#':
			n, x = bits.Mul64(x, 10)
			dst = append(dst, '0'+byte(n))
		case '%':
			n, x = bits.Mul64(x, 9)
			dst = append(dst, '1'+byte(n))
		case '@':
			n, x = bits.Mul64(x, uint64(len(patternLetters)))
			dst = append(dst, patternLetters[n])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// patternSpace counts what a pattern may become.
func patternSpace(pattern string) float64 {
	n := 1.0
	for i := range len(pattern) {
		switch pattern[i] {
		case '#':
			n *= 10
		case '%':
			n *= 9
		case '@':
			n *= float64(len(patternLetters))
		}
	}
	return n
}

// appendLatin writes a name as an address does: a to z only, letters with marks by their usual spelling.
func appendLatin(dst []byte, name string) []byte {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z':
			dst = append(dst, byte(r))
		case 'A' <= r && r <= 'Z':
			dst = append(dst, byte(r)+'a'-'A')
		case r >= utf8.RuneSelf:
			dst = append(dst, latin(r)...)
		}
	}
	return dst
}

// latin spells a letter of the locales' alphabets in ASCII.
func latin(r rune) string {
	switch r {
	case 'ä', 'Ä':
		return "ae"
	case 'ö', 'Ö', 'œ', 'Œ':
		return "oe"
	case 'ü', 'Ü':
		return "ue"
	case 'ß':
		return "ss"
	case 'à', 'á', 'â', 'ã', 'å', 'ą', 'À', 'Á', 'Â', 'Ã', 'Å', 'Ą':
		return "a"
	case 'ç', 'ć', 'č', 'Ç', 'Ć', 'Č':
		return "c"
	case 'è', 'é', 'ê', 'ë', 'ę', 'È', 'É', 'Ê', 'Ë', 'Ę':
		return "e"
	case 'ì', 'í', 'î', 'ï', 'Ì', 'Í', 'Î', 'Ï':
		return "i"
	case 'ł', 'Ł':
		return "l"
	case 'ñ', 'ń', 'Ñ', 'Ń':
		return "n"
	case 'ò', 'ó', 'ô', 'õ', 'Ò', 'Ó', 'Ô', 'Õ':
		return "o"
	case 'ś', 'š', 'Ś', 'Š':
		return "s"
	case 'ù', 'ú', 'û', 'Ù', 'Ú', 'Û':
		return "u"
	case 'ÿ', 'ý', 'Ÿ', 'Ý':
		return "y"
	case 'ź', 'ż', 'ž', 'Ź', 'Ż', 'Ž':
		return "z"
	}
	return ""
}

// appendCut appends s, cut to the room in characters; no blank or punctuation at a cut end.
func appendCut(dst []byte, s string, room int) []byte {
	start := len(dst)
	return cutAt(append(dst, s...), start, room)
}

// cutAt cuts what was appended since start to the room.
func cutAt(dst []byte, start, room int) []byte {
	if len(dst)-start <= room {
		return dst
	}
	end := start
	for ; room > 0 && end < len(dst); room-- {
		_, size := utf8.DecodeRune(dst[end:])
		end += size
	}
	if end == len(dst) {
		return dst
	}
	for end > start+1 && bytes.IndexByte([]byte(" -.,'&("), dst[end-1]) >= 0 {
		end--
	}
	return dst[:end]
}

// distinctCut counts the entries that remain different when cut to the room.
func distinctCut(list []string, room int) float64 {
	seen := map[string]bool{}
	for _, s := range list {
		seen[string(appendCut(nil, s, room))] = true
	}
	return float64(len(seen))
}

// longestOf is in characters.
func longestOf(list []string) int {
	n := 0
	for _, s := range list {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

// inLatin are the entries as addresses write them.
func inLatin(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(appendLatin(nil, s))
	}
	return out
}

func (l *locale) cityNames() []string {
	var names []string
	for i := range l.cities {
		names = append(names, l.cities[i].name)
	}
	return names
}

func (l *locale) appendRoad(dst []byte, name, kind string) []byte {
	if l.kindFirst {
		name, kind = kind, name
	}
	dst = append(append(dst, name...), l.glue...)
	return append(dst, kind...)
}

func (l *locale) givens() []string { return slices.Concat(l.female, l.male) }
