// Package locale holds the countries that invented people live in: names, places, and the shapes of their numbers.
package locale

import (
	"bytes"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// Locale is a country as fakes know it: its names, its places and the shapes of its numbers. The tables are
// constant data shared by every compiled column; nobody writes to them.
type Locale struct {
	Name                    string   // what rules call it
	Country, Alpha2, Alpha3 string   // in the country's own language; ISO 3166-1
	also                    []string // other names of the country that rows may hold, folded
	Madam, Sir              string

	Female, Male, Family []string
	Feminine             bool // family names in -ki and -ny end in -a for a woman

	dial, trunk string       // "+49 " before the number from abroad, "0" at home
	Phones      []phoneRange // that belong to nobody

	Streets, Kinds []string // "Linden" and "straße"
	kindFirst      bool     // rue des Lilas
	Glue           string   // between street and kind
	Houses         int      // house numbers from 1
	HouseFirst     bool     // 12 Oak Street
	BeforeHouse    string   // where the number stands behind the street
	Town           string   // how a line of an address ends: "{postcode} {city}"

	Firms   []string // "GmbH"
	Plate   string   // pattern of registration plates
	Regions []Region
	Cities  []City
}

// phoneRange is a pattern in which # is a digit, and how many numbers it has. A is a North American area code.
type phoneRange struct {
	Pattern string
	Numbers int
}

// Region is a state, province or county.
type Region struct{ Code, Name string }

// City has a pattern of postcodes, an index into the regions, and where it lies in hundredths of a degree.
type City struct {
	Name, Postcode      string
	Region              int
	Latitude, Longitude int
}

// All are all there are; the first is where fakes live that say nothing else.
func All() []*Locale {
	return []*Locale{&american, &british, &german, &french, &spanish, &italian, &dutch, &polish, &portuguese}
}

// Named finds a locale by what rules call it, or nil.
func Named(name string) *Locale {
	for _, l := range All() {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Countries finds locales by what a row may call a country.
type Countries map[string]*Locale

// NewCountries are all locales, by their names and codes.
func NewCountries() Countries {
	c := Countries{}
	for _, l := range All() {
		for _, name := range append([]string{l.Alpha2, l.Alpha3, l.Country}, l.also...) {
			c[string(canon.AppendFolded(nil, []byte(name), true))] = l
		}
	}
	return c
}

// Find reads DE, DEU, Germany, Deutschland, de_DE, de-DE and de_DE.UTF-8; nil where the country is none of
// the locales. buf is scratch.
func (c Countries) Find(text, buf []byte) (*Locale, []byte) {
	buf = canon.AppendFolded(buf[:0], bytes.TrimSpace(text), true)
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

// AppendPattern fills a pattern by the bits of x.
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

// PatternSpace counts what a pattern may become.
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

// AppendLatin writes a name as an address does: a to z only, letters with marks by their usual spelling.
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

// AppendCut appends s, cut to the room in characters; no blank or punctuation at a cut end.
func AppendCut(dst []byte, s string, room int) []byte {
	start := len(dst)
	return CutAt(append(dst, s...), start, room)
}

// CutAt cuts what was appended since start to the room.
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

// DistinctCut counts the entries that remain different when cut to the room. A column is compiled by every worker, so
// only entries that are cut are copied.
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

// LongestOf is in characters.
func LongestOf(list []string) int {
	n := 0
	for _, s := range list {
		n = max(n, utf8.RuneCountInString(s))
	}
	return n
}

// InLatin are the entries as addresses write them.
func InLatin(list []string) []string {
	out := make([]string, len(list))
	var spelt []byte
	for i, s := range list {
		spelt = AppendLatin(spelt[:0], s)
		out[i] = string(spelt)
	}
	return out
}

// LongestInLatin is in characters, of the entries as addresses write them.
func LongestInLatin(list []string) int {
	n := 0
	var spelt []byte
	for _, s := range list {
		spelt = AppendLatin(spelt[:0], s)
		n = max(n, len(spelt))
	}
	return n
}

// CityNames are those of all cities.
func (l *Locale) CityNames() []string {
	var names []string
	for i := range l.Cities {
		names = append(names, l.Cities[i].Name)
	}
	return names
}

// AppendRoad writes the name and the kind of a street in the order of the country.
func (l *Locale) AppendRoad(dst []byte, name, kind string) []byte {
	if l.kindFirst {
		name, kind = kind, name
	}
	dst = append(append(dst, name...), l.Glue...)
	return append(dst, kind...)
}

// Givens are the given names of women, then of men.
func (l *Locale) Givens() []string { return slices.Concat(l.Female, l.Male) }
