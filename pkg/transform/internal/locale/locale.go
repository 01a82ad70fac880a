// Package locale holds the countries where invented people live: names, cities, and the forms of numbers.
package locale

import (
	"bytes"
	"math/bits"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// Locale is a country with its names, its cities and the forms of its numbers. The tables are constant data that every
// compiled column shares. They never change.
type Locale struct {
	Name                    string   // name in rules
	Country, Alpha2, Alpha3 string   // name in the country's own language; codes of ISO 3166-1
	also                    []string // other names of the country in rows, folded
	Madam, Sir              string

	Female, Male, Family []string
	Feminine             bool // family names in -ki and -ny end in -a for women

	dial, trunk string       // text before an international number, for example "+49 ", and before a national number, for example "0"
	Phones      []phoneRange // numbers that belong to nobody

	Streets, Kinds []string // for example "Linden" and "straße"
	kindFirst      bool     // the kind comes first: rue des Lilas
	Glue           string   // text between street and kind
	Houses         int      // highest house number; the lowest is 1
	HouseFirst     bool     // the house number comes first: 12 Oak Street
	BeforeHouse    string   // text before a house number that follows the street
	Town           string   // end of an address line: "{postcode} {city}"

	Firms   []string // legal forms of companies, for example "GmbH"
	Plate   string   // pattern of registration plates
	Regions []Region
	Cities  []City
}

// phoneRange is a pattern of telephone numbers, and the size of the range that the pattern covers. In the pattern, # is
// a digit and A is a North American area code.
type phoneRange struct {
	Pattern string
	Numbers int
}

// Region is a state, province or county.
type Region struct{ Code, Name string }

// City has a name, a pattern of postcodes, an index into the regions, and coordinates in hundredths of a degree.
type City struct {
	Name, Postcode      string
	Region              int
	Latitude, Longitude int
}

// All returns all locales. The first one is the default.
func All() []*Locale {
	return []*Locale{&american, &british, &german, &french, &spanish, &italian, &dutch, &polish, &portuguese}
}

// Named returns the locale with that name in rules, or nil.
func Named(name string) *Locale {
	for _, l := range All() {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Countries maps names and codes of countries to locales.
type Countries map[string]*Locale

// NewCountries returns all locales by their names and codes.
func NewCountries() Countries {
	c := Countries{}
	for _, l := range All() {
		for _, name := range append([]string{l.Alpha2, l.Alpha3, l.Country}, l.also...) {
			c[string(canon.AppendFolded(nil, []byte(name), true))] = l
		}
	}
	return c
}

// Find accepts DE, DEU, Germany, Deutschland, de_DE, de-DE and de_DE.UTF-8. It returns nil if no locale has the
// country. The argument buf is scratch memory. Find also returns it.
func (c Countries) Find(text, buf []byte) (*Locale, []byte) {
	buf = canon.AppendFolded(buf[:0], bytes.TrimSpace(text), true)
	name := buf
	if i := bytes.IndexAny(name, ".@"); i > 0 {
		name = name[:i]
	}
	if len(name) == 5 && (name[2] == '_' || name[2] == '-') {
		name = name[3:] // the country in a language tag
	}
	return c[string(name)], buf
}

// patternLetters holds the letters that @ stands for in a pattern. # stands for a digit, and % for a digit other than
// 0.
const patternLetters = "ABDEFGHJLNPQRTUWXYZ"

// AppendPattern appends a text that fits the pattern. The bits of x decide the characters.
func AppendPattern(dst []byte, pattern string, x uint64) []byte {
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

// PatternSpace returns the number of texts that fit the pattern.
func PatternSpace(pattern string) float64 {
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

// AppendLatin appends a name as e-mail addresses write it: a to z only. Letters with marks get their usual spelling.
func AppendLatin(dst []byte, name string) []byte {
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

// latin returns the ASCII spelling of a letter of the locales' alphabets.
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

// AppendCut appends s, cut to room characters. A cut text does not end with a blank or punctuation.
func AppendCut(dst []byte, s string, room int) []byte {
	start := len(dst)
	return CutAt(append(dst, s...), start, room)
}

// CutAt cuts dst[start:] to room characters. A cut text does not end with a blank or punctuation.
func CutAt(dst []byte, start, room int) []byte {
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

// DistinctCut cuts every entry to at most room characters, and returns how many different texts result. It runs often,
// because every worker compiles each column. So it copies only the entries that are too long.
func DistinctCut(list []string, room int) float64 {
	seen := make(map[string]struct{}, len(list))
	for _, s := range list {
		if len(s) > room {
			s = string(AppendCut(nil, s, room))
		}
		seen[s] = struct{}{}
	}
	return float64(len(seen))
}

// LongestOf returns the length in characters of the longest entry.
func LongestOf(list []string) int {
	n := 0
	for _, s := range list {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

// InLatin returns the entries as AppendLatin writes them.
func InLatin(list []string) []string {
	out := make([]string, len(list))
	var spelt []byte
	for i, s := range list {
		spelt = AppendLatin(spelt[:0], s)
		out[i] = string(spelt)
	}
	return out
}

// CityNames returns the names of all cities.
func (l *Locale) CityNames() []string {
	var names []string
	for i := range l.Cities {
		names = append(names, l.Cities[i].Name)
	}
	return names
}

// AppendRoad appends the name and the kind of a street in the order of the country.
func (l *Locale) AppendRoad(dst []byte, name, kind string) []byte {
	if l.kindFirst {
		name, kind = kind, name
	}
	dst = append(append(dst, name...), l.Glue...)
	return append(dst, kind...)
}
