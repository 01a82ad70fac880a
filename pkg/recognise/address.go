package recognise

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// streetAt returns the end of a postal address that begins with the name of a street, or 0. Examples are Lindenstr. 12,
// 10115 Berlin; Berliner Straße 5; Via Roma 12. A postcode and a town after the house number belong to the address.
func (s *Scanner) streetAt(b []byte, w *words.Word, what sense) int {
	upper := capital(b, w.Start)
	end := 0
	switch {
	case what&placeWord != 0:
		if end = s.namedStreet(b, w, upper); end == 0 || s.town(b, end) == end {
			return 0 // without a postcode, the text may be a time or a count
		}
	case what&streetStart != 0:
		end = s.namedStreet(b, w, upper)
	case w.End-w.Start > 5 && houseNumber(b, w.End) > 0 && streetName(b[w.Start:w.End], upper):
		end = houseNumber(b, w.End)
	case upper && w.End+2 < len(b) && (b[w.End] == ' ' || b[w.End] == '-') && strings.IndexByte("swapgrducklSWAPGRDUCKL", b[w.End+1]) >= 0:
		if next := s.fold.At(b[:min(len(b), w.End+1+maxLink)], w.End+1); s.lexicon.of(&next)&streetEnd != 0 {
			end = houseNumber(b, next.End)
		}
	}
	if end == 0 {
		return 0
	}
	return s.town(b, end)
}

// streetName reports whether a word ends like the name of a street: Lindenstraße, Keizersgracht. Some endings, such as
// ring, also occur in other words. Such an ending counts only if the word begins with a capital.
func streetName(word []byte, upper bool) bool {
	for _, end := range [...]string{"straße", "strasse", "str", "chaussee", "straat", "gracht"} {
		if hasEnding(word, end) {
			return true
		}
	}
	if !upper {
		return false
	}
	for _, end := range [...]string{"weg", "allee", "platz", "gasse", "ring", "damm", "ufer", "laan", "plein", "kade", "singel", "gata", "gatan", "vägen", "vej", "veien", "katu"} {
		if hasEnding(word, end) {
			return true
		}
	}
	return false
}

// hasEnding reports whether a word has the given ending, with at least three bytes before the ending.
func hasEnding(word []byte, end string) bool {
	return len(word) >= len(end)+3 && strings.EqualFold(string(word[len(word)-len(end):]), end)
}

// namedStreet returns the end of a street and its house number, or 0. The word for street comes first, as in rue de la
// Paix 12. At least one word after the word for street must begin with a capital.
func (s *Scanner) namedStreet(b []byte, w *words.Word, upper bool) int {
	if short := w.Runes < 3; !upper && (short && (w.End >= len(b) || b[w.End] != '.') || w.Runes == 3 && string(b[w.Start:w.End]) == "via") {
		return 0
	}
	end, named := w.End, false
	for range 6 {
		if number := houseNumber(b, end); number > 0 && named {
			return number
		}
		next, ok := s.nextWord(b, end)
		if !ok && end < len(b) && b[end] == '\'' {
			next, ok = s.nextWord(b, end+1)
		}
		if !ok || next.Digits > 0 {
			return 0
		}
		named = named || capital(b, next.Start)
		end = next.End
	}
	return 0
}

// houseNumber returns the end of a house number, or 0. The name of the street ends at i. Examples are 12, 12a, 12-14
// and 12/3.
func houseNumber(b []byte, i int) int {
	for n := 0; n < 3 && i < len(b) && (b[i] == '.' || b[i] == ' ' || b[i] == ','); n++ {
		i++
	}
	if rest := b[i:]; len(rest) > 4 && (rest[0]|0x20 == 'n') && (rest[1]|0x20 == 'r' || rest[1]|0x20 == 'o') && (rest[2] == '.' || rest[2] == ' ') {
		i = skipAny(b, i+2, ". ", 2) // Nr. 12
	}
	end := digitsEnd(b, i, 4)
	if end == i {
		return 0
	}
	if end < len(b) && words.IsLetter(b[end]) && !words.Continues(b, end+1) {
		end++
	}
	if next := end + 1; next < len(b) && (b[end] == '-' || b[end] == '/') {
		if more := digitsEnd(b, next, 4); more > next {
			end = more
		}
	}
	if words.Continues(b, end) || end < len(b) && (b[end] == ':' || b[end] == '%') && end+1 < len(b) && b[end+1] != ' ' && b[end+1] != '\n' {
		return 0
	}
	return end
}

// digitsEnd returns the end of the digits that start at i. It reads no more digits than the argument most says.
func digitsEnd(b []byte, i, most int) int {
	end := i
	for end < len(b) && end-i < most && words.IsDigit(b[end]) {
		end++
	}
	return end
}

func capital(b []byte, i int) bool {
	if b[i] < utf8.RuneSelf {
		return isUpper(b[i])
	}
	r, _ := utf8.DecodeRune(b[i:])
	return unicode.IsUpper(r)
}

// roadAt returns the end of a postal address that begins with the house number w, or 0. Examples are 12 Linden Road,
// Springfield, IL 62704 and 12 rue de la Paix, 75002 Paris.
func (s *Scanner) roadAt(b []byte, w *words.Word) int {
	if w.Digits > 5 || w.Runes > 6 || w.End+1 >= len(b) || b[w.End] != ' ' && b[w.End] != ',' {
		return 0
	}
	end, lead, named := w.End, false, false
	for n := 0; n < 6; n++ {
		next, ok := s.nextWord(b, end)
		if !ok && end < len(b) && b[end] == '\'' {
			next, ok = s.nextWord(b, end+1)
		}
		if !ok || next.Digits > 0 && !ordinalWord(b[next.Start:next.End]) {
			break
		}
		what, upper := s.lexicon.of(&next), capital(b, next.Start)
		if n == 0 && what&streetStart != 0 && next.Runes > 2 {
			lead, end = true, next.End
			continue
		}
		if !lead && n > 0 && upper && what&roadEnd != 0 {
			end = next.End
			if end < len(b) && b[end] == '.' {
				end++
			}
			return s.town(b, end)
		}
		if !upper && next.Digits == 0 && (!lead || named) {
			break
		}
		named, end = named || upper, next.End
		if lead && named && (end >= len(b) || b[end] != ' ' || !capital(b, min(end+1, len(b)-1))) {
			return s.town(b, end)
		}
		if !lead && n >= 4 {
			break
		}
	}
	return 0
}

// ordinalWord reports whether a word is an ordinal number, as in 5th Avenue.
func ordinalWord(word []byte) bool {
	_, ok := ordinalDay(word, 0, len(word))
	return ok
}

// town returns the end of the postcode and the town after a street. The street ends at i. If no postcode follows, town
// returns i.
func (s *Scanner) town(b []byte, i int) int {
	end, at, coded := i, i, false
	for n := 0; n < 7; n++ {
		k := at
		for k < len(b) && k < at+3 && (b[k] == ' ' || b[k] == ',' || b[k] == '\n' || b[k] == '-') {
			k++
		}
		if k == at || k >= len(b) || !s.fold.Starts(b, k) {
			break
		}
		w := s.fold.At(b[:min(len(b), k+maxSpelled)], k)
		switch {
		case w.Digits >= 3 && w.Digits <= 5:
			end, coded = w.End, true
		case w.Digits > 0 && w.Runes <= 4:
			end, coded = w.End, true
		case !capital(b, w.Start):
			return end
		case coded && (w.Start == end+1 || b[w.Start-1] == '-'):
			end = w.End
		case coded:
			return end
		}
		at = w.End
	}
	return end
}

// postcodeAt returns the end of a postcode, or 0. It reads only postcodes that have an unmistakable form, if necessary
// together with the state before or the town after the postcode: SW1A 1AA, K1A 0B1, NY 10001, D-10115 Berlin.
func (s *Scanner) postcodeAt(b []byte, w *words.Word, what sense) int {
	i, n := w.Start, w.End-w.Start
	if w.End+3 >= len(b) || !isUpper(b[i]) {
		return 0
	}
	switch rest := b[w.End:]; {
	case what&stateCode != 0 && n == 2 && isUpper(b[i+1]) && rest[0] == ' ':
		end := digitsEnd(b, w.End+1, 6)
		if end != w.End+6 || words.Continues(b, end) {
			return 0
		}
		if plus := digitsEnd(b, end+1, 5); end < len(b) && b[end] == '-' && plus == end+5 {
			end = plus
		}
		return end
	case n >= 2 && n <= 4 && w.Digits > 0 && rest[0] == ' ' && words.IsDigit(rest[1]) && isUpper(rest[2]):
		end := w.End + 4
		if isUpper(rest[3]) && n-w.Digits <= 3 && !words.Continues(b, end) || n == 3 && words.IsDigit(rest[3]) && words.IsDigit(b[i+1]) && isUpper(b[i+2]) && !words.Continues(b, end) {
			return end
		}
	case n <= 2 && w.Digits == 0 && rest[0] == '-' && words.IsDigit(rest[1]):
		end := digitsEnd(b, w.End+1, 6)
		if size := end - w.End - 1; size < 4 || size > 5 || end+1 >= len(b) || b[end] != ' ' || !capital(b, end+1) {
			return 0
		}
		return s.fold.At(b, end+1).End
	}
	return 0
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
