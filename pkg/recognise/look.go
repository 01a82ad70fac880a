package recognise

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// The classes of bytes that a match can start with.
const (
	classNone byte = iota
	classWord
	classDigit
	classSign // the characters + and (
	classColon
	classAt // the characters @ and ~
)

func newClasses() (class [256]byte) {
	for c := range 256 {
		switch b := byte(c); {
		case words.IsDigit(b):
			class[c] = classDigit
		case words.IsLetter(b) || b >= utf8.RuneSelf:
			class[c] = classWord
		case b == '+' || b == '(':
			class[c] = classSign
		case b == ':':
			class[c] = classColon
		case b == '@' || b == '~':
			class[c] = classAt
		}
	}
	return class
}

// look finds the match that starts at i. The caller passes an empty m. If no match starts at i, m stays empty, and next
// is the offset at which to continue.
func (s *Scanner) look(m *Match, i int, class byte) (next int) {
	b, w := s.text, &s.word
	lim := b
	if s.mail.Start <= len(b) && s.mail.Start > i {
		lim = b[:s.mail.Start] // a number must not reach into a following e-mail address
	}
	next = s.wordAt(m, i, class)
	if i == s.due.Start {
		m.extend(s.due.End, s.due.Kind)
	}
	switch {
	case i == s.mail.Start:
		m.extend(s.mail.End, Email)
	case class == classWord && w.Runes > 0:
		s.meaning(m, b, lim, w)
		if w.ASCII {
			s.wordPatterns(m, b, lim, w)
		} else {
			s.monthPattern(m, lim, w)
			s.mixedPatterns(m, b, w)
		}
	case class == classDigit:
		s.digitPatterns(m, b, lim, w)
	case class == classSign && i+1 < len(lim) && (words.IsDigit(lim[i+1]) || lim[i+1] == '('):
		s.numberPatterns(m, lim, i)
	case class == classColon && s.on[IP]:
		m.extend(ipv6At(lim, i), IP)
	case class == classAt && s.on[Handle]:
		m.extend(s.handleAt(b, i), Handle)
	}
	if s.values != nil {
		s.askValues(m, i)
	}
	if m.End == 0 && class == classWord && w.ASCII && w.Digits > 0 {
		return s.gluedNumber(lim, w)
	}
	return next
}

// meaning looks for the patterns that depend on the meaning of a word: labels, addresses, dates in words, and signs
// that are written as words.
func (s *Scanner) meaning(m *Match, b, lim []byte, w *words.Word) {
	what := s.lexicon.of(w) | endsInLabel(b, w)
	if what&(secretLabel|weakLabel|keyLabel|handleLabel|numberLabel|phoneLabel|extLabel|degreeLabel) != 0 {
		s.labelled(w, what)
	}
	if what&folderLabel != 0 {
		s.folder(w)
	}
	if s.on[Date] && what&(dayWord|numberWord) != 0 {
		if end := s.spelledDate(lim, w); m.extend(end, Date) {
			s.date = WrittenDate{Spelled: true, End: end}
		}
	}
	if s.on[Address] && (what&(streetStart|placeWord) != 0 || dayFollows(lim, w.End) || capital(b, w.Start)) {
		if !m.extend(s.streetAt(lim, w, what), Address) && w.ASCII {
			m.extend(s.postcodeAt(lim, w, what), Address)
		}
	}
	if s.on[Email] && spelledSignMayFollow(lim, w.End) {
		m.extend(s.spelledMail(lim, w.Start), Email)
	}
}

// spelledSignMayFollow reports whether a word for a sign, such as at or dot, may come after offset i. The rest of a
// local part, such as .lovelace, may stand between i and this word. With this test, most words are rejected quickly.
func spelledSignMayFollow(b []byte, i int) bool {
	for n := 0; n < maxLocal && i < len(b) && b[i] != ' '; n++ {
		if !words.IsAlnum(b[i]) && strings.IndexByte("._-+", b[i]) < 0 && b[i] < utf8.RuneSelf {
			return false
		}
		i++
	}
	if i+3 >= len(b) || b[i] != ' ' {
		return false
	}
	switch head := [3]byte{b[i+1] | 0x20, b[i+2] | 0x20, b[i+3] | 0x20}; string(head[:]) {
	case "at ", "dot", "pun", "poi", "pon", "arr", "aro", "kla", "kuk", "kro", "chi", "zav", "sna", "ape", "pis":
		return true
	}
	return b[i+1] >= utf8.RuneSelf || b[i+2] >= utf8.RuneSelf || b[i+3] >= utf8.RuneSelf
}

// gluedNumber returns the offset of a date or a telephone number that follows letters without a blank: tel0171-2345678,
// born1984-02-29. The digits belong to the word w. gluedNumber returns the end of the word if there is no such number.
func (s *Scanner) gluedNumber(lim []byte, w *words.Word) (next int) {
	at := w.End
	for at > w.Start && words.IsDigit(s.text[at-1]) {
		at--
	}
	if at == w.Start || w.End-at < 2 || w.End > len(lim) {
		return w.End
	}
	r := &s.numbers
	r.gather(lim, at)
	if r.n < 2 {
		return w.End
	}
	if _, ok := s.months.dateAt(lim, r); s.dated && ok || s.on[Phone] && r.digits[0] == '0' && r.phone() > 0 {
		return at
	}
	return w.End
}

// wordAt reads the word at i, if there is one. It also looks for a caller's value that begins with the word.
func (s *Scanner) wordAt(m *Match, i int, class byte) (next int) {
	s.word = words.Word{}
	if class != classWord && class != classDigit {
		return i + 1
	}
	if !s.fold.Starts(s.text, i) {
		_, size := utf8.DecodeRune(s.text[i:])
		return i + size
	}
	text := s.text
	if i == s.rest { // the rest of a long word is read in parts, so that the time is linear in the length of the text
		text = text[:min(len(text), i+maxRest)]
	}
	if s.word = s.fold.At(text, i); i == s.rest {
		s.rest = s.word.End
	}
	if s.values != nil && s.word.Runes > 0 {
		if v := s.values.Word(s.text, &s.word); v.End > 0 {
			m.known(v)
			s.rest = v.End
		} else if start := s.values.Within(s.text, &s.word); start > 0 {
			s.word, s.rest = s.fold.At(s.text[:start], i), start // the next call reads the value
		}
	}
	return s.word.End
}

// maxRest limits the bytes that are read in one step from a word in which a value was found.
const maxRest = 256

// askValues asks the caller's Values about the text at i. If no pattern matched, it asks whether the word is a name. If
// there is a match other than a date, it asks whether the match is a known value in another spelling.
func (s *Scanner) askValues(m *Match, i int) {
	if m.End == 0 && s.word.Runes > 0 && s.values.Name(s.text, &s.word) {
		m.End, m.Kind = s.word.End, Name
	}
	if m.End > 0 && !m.Known && m.Kind != Date {
		if v, ok := s.values.Same(s.text[i:m.End]); ok {
			v.End = m.End
			m.known(v)
		}
	}
}

func (m *Match) known(v Value) { m.End, m.Known, m.Value = v.End, true, v }

// extend replaces m by a pattern's match of kind k, if the match is longer than m. The match ends at the offset end.
// extend reports whether it replaced m.
func (m *Match) extend(end int, k Kind) bool {
	if end <= m.End {
		return false
	}
	m.End, m.Kind, m.Known = end, k, false
	return true
}

// wordPatterns looks for the patterns that can start with a letter.
func (s *Scanner) wordPatterns(m *Match, b, lim []byte, w *words.Word) {
	i, n := w.Start, w.End-w.Start
	if s.on[URL] && w.End+1 < len(b) && strings.IndexByte(":.-", b[w.End]) >= 0 && m.extend(urlAt(b, i, w.End), URL) {
		return
	}
	if n <= 8 && s.hexPatterns(m, lim, i, n) {
		return
	}
	if n >= 4 && words.IsDigit(b[i+2]) && s.on[IBAN] && m.extend(ibanAt(lim, i), IBAN) {
		return
	}
	if s.on[NationalID] && (formMayBegin(lim, w) && m.extend(formedID(lim, i), NationalID) ||
		w.Digits > 0 && nationalWord(b[i:w.End]) && m.extend(w.End, NationalID)) {
		return
	}
	if w.Digits == 0 {
		s.monthPattern(m, lim, w)
	}
	if s.on[Phone] && b[i]|0x20 == 'o' && w.Digits >= 2 && m.extend(spelledZeros(lim, i), Phone) {
		return
	}
	s.mixedPatterns(m, b, w)
}

func (s *Scanner) monthPattern(m *Match, lim []byte, w *words.Word) {
	if !s.on[Date] || !dayFollows(lim, w.End) {
		return
	}
	if d, ok := s.months.monthFirst(lim, w); ok {
		if m.extend(d.End, Date) {
			s.date = d
		}
	}
}

// dayFollows reports whether a digit follows the word that ends at i. With this test, most words are rejected quickly.
func dayFollows(b []byte, i int) bool {
	for n := 0; n < 2 && i < len(b) && (b[i] == ' ' || b[i] == '.'); n++ {
		i++
	}
	return i < len(b) && words.IsDigit(b[i])
}

// hexPatterns looks for the patterns of digits in base 16. n is the length of the first group.
func (s *Scanner) hexPatterns(m *Match, lim []byte, i, n int) bool {
	if i+n >= len(lim) || !words.IsHex(lim[i]) {
		return false
	}
	switch sep := lim[i+n]; {
	case n == 8 && sep == '-' && s.on[UUID] && m.extend(uuidAt(lim, i), UUID):
	case (n == 2 && (sep == ':' || sep == '-' || sep == ' ') || n == 4 && sep == '.') && s.on[MAC] && m.extend(macAt(lim, i), MAC):
	case n <= 4 && sep == ':' && s.on[IP] && m.extend(ipv6At(lim, i), IP):
	default:
		return false
	}
	return true
}

// mixedPatterns looks for the patterns that mix letters and digits.
func (s *Scanner) mixedPatterns(m *Match, b []byte, w *words.Word) {
	if s.on[Secret] && w.Start >= s.checked && (w.End-w.Start >= minSecret || w.End < len(b) && b[w.End] != ' ') {
		end := 0
		if end, s.checked = secretAt(b, w.Start); m.extend(end, Secret) {
			return
		}
	}
	if s.on[Number] && w.Digits >= 6 {
		m.extend(w.End, Number)
	}
}

// digitPatterns looks for the patterns that start with a digit.
func (s *Scanner) digitPatterns(m *Match, b, lim []byte, w *words.Word) {
	i, n := w.Start, w.End-w.Start
	if n <= 8 && s.hexPatterns(m, lim, i, n) || s.on[IP] && n <= 3 && m.extend(ipv4At(lim, i), IP) {
		return
	}
	if s.on[Date] && n >= 3 && n <= 4 {
		if d, ok := s.months.ordinalAt(lim, i, w.End); ok && m.extend(d.End, Date) {
			s.date = d
			return
		}
	}
	if s.on[Coordinates] && n <= 3 && m.extend(coordinatesAt(lim, i), Coordinates) {
		return
	}
	if s.on[Address] && w.Digits <= 5 && m.extend(s.roadAt(lim, w), Address) {
		return
	}
	if s.on[NationalID] && m.extend(formedID(lim, i), NationalID) {
		return
	}
	if s.dated && n >= 4 && m.extend(s.eastAsianDate(lim, i), Date) {
		return
	}
	if s.on[NationalID] && w.Digits < n && nationalWord(b[i:w.End]) && m.extend(w.End, NationalID) {
		return
	}
	s.numberPatterns(m, lim, i)
	if !m.Known || m.End < w.End {
		s.mixedPatterns(m, b, w)
	}
}

// numberPatterns looks for groups of digits: first for the caller's values, then for dates, then for other numbers.
func (s *Scanner) numberPatterns(m *Match, lim []byte, i int) {
	r := &s.numbers
	r.gather(lim, i)
	if r.n == 0 {
		return
	}
	if s.values != nil {
		if v := s.values.Number(r); v.End > m.End || v.End == m.End && v.End > 0 && !m.Known {
			m.known(v)
			return
		}
	}
	if s.dated {
		if d, ok := s.months.dateAt(lim, r); ok && m.extend(d.End, Date) {
			s.date = d
			return
		}
	}
	switch {
	case s.on[PAN] && m.extend(r.pan(), PAN):
	case s.on[NationalID] && m.extend(r.nationalNumber(), NationalID):
	case s.on[Phone] && m.extend(r.phone(), Phone):
	case s.on[Number] && m.extend(r.number(), Number):
	case s.on[Phone] && (r.first == '+' || r.digits[0] == '0'):
		m.extend(spelledZeros(lim, i), Phone)
	}
}
