// Package recognise finds what looks like personal data in a text: mail and network addresses, numbers of cards, accounts,
// telephones and people, dates, keys. A text goes in, and places with a kind come out. It looks at forms and check digits
// alone: it knows no names, and what it finds may be something else.
package recognise

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// Span is a place in a text, in bytes.
type Span struct{ Start, End int }

// Match is something found. Matches do not overlap.
type Match struct {
	Span
	Kind  Kind
	Known bool  // one of the caller's Values stands here; then Kind means nothing
	Value Value // which one
}

// Values are texts that a caller knows and looks for together with the patterns. The longer match counts; of two that
// are equally long, the caller's.
type Values interface {
	// Word is the longest value that begins with the word w.
	Word(text []byte, w *words.Word) Value
	// Number is the longest value whose digits these numerals begin with.
	Number(n *Numerals) Value
	// Same is the value that a match of a pattern stands for, though it is written otherwise.
	Same(found []byte) (Value, bool)
	// Name says whether a word that begins nothing else is one that people are called by.
	Name(text []byte, w *words.Word) bool
	// Dated says that one of the values is a day, so that dates are looked for even where their kind is not.
	Dated() bool
}

// Value is one of the caller's Values, or a part of it, in a text.
type Value struct {
	Index       int // which one
	Part, Parts int // its words: which of how many; Part is -1 for the whole value
	End         int // in the text; 0 where none stands there
}

// Scanner goes through texts, one after the other. It belongs to one goroutine and allocates nothing per text.
type Scanner struct {
	on     [Patterns]bool
	values Values // nil where the caller has none
	fold   *words.Folding
	months *months
	class  [256]byte

	text    []byte
	at      int  // where to look on
	dated   bool // dates are looked for
	mail    Span // the next e-mail address
	looked  int  // up to where there is no secret
	word    words.Word
	numbers Numerals
	date    WrittenDate // of the last match that is a date
}

// New makes a Scanner for some kinds; values may be nil.
func New(kinds []Kind, values Values) *Scanner {
	fold := words.NewFolding()
	s := &Scanner{values: values, fold: fold, months: newMonths(fold), class: newClasses()}
	for _, k := range kinds {
		s.on[k] = true
	}
	return s
}

// Folding is how the Scanner reads words; its Values may share it.
func (s *Scanner) Folding() *words.Folding { return s.fold }

// Start begins a text, which must be UTF-8 (AppendValid makes it so) and stay as it is until the last Next.
func (s *Scanner) Start(text []byte) {
	s.text, s.at, s.looked = text, 0, 0
	s.dated = s.on[Date] || s.values != nil && s.values.Dated()
	s.nextMail(text, 0)
}

// Next finds the next match in the text.
func (s *Scanner) Next() (m Match, ok bool) {
	b := s.text
	for i := s.at; i < len(b); {
		class := s.class[b[i]]
		if class == classNone && i != s.mail.Start {
			i++
			continue
		}
		if i > s.mail.Start {
			s.nextMail(b, i)
		}
		next := s.look(&m, i, class)
		if m.End > 0 {
			m.Start, s.at = i, m.End
			return m, true
		}
		i = next
	}
	s.at = len(b)
	return m, false
}

// SkipWord leaves out what is left of the word in which the last match ended, as in Anna's or 2024-02-29T10.
func (s *Scanner) SkipWord() {
	for s.at < len(s.text) && words.Continues(s.text, s.at) {
		_, size := utf8.DecodeRune(s.text[s.at:])
		s.at += size
	}
}

// WrittenDate is how the last match of kind Date is written. It is valid until the next one.
func (s *Scanner) WrittenDate() *WrittenDate { return &s.date }

// Kinds are those that a text, of whatever bytes, seems to hold: each once, in the order of their declaration.
func (s *Scanner) Kinds(text string) []Kind {
	var found [Patterns + 1]bool
	s.Start(AppendValid(nil, []byte(text)))
	for m, ok := s.Next(); ok; m, ok = s.Next() {
		found[m.Kind] = found[m.Kind] || !m.Known
	}
	var list []Kind
	for k := range found {
		if found[k] {
			list = append(list, Kind(k))
		}
	}
	return list
}

// AppendValid appends text with U+FFFD where it is not UTF-8.
func AppendValid(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

// nextMail finds the next e-mail address that starts at i or behind it.
func (s *Scanner) nextMail(b []byte, i int) {
	s.mail = Span{len(b) + 1, 0}
	if !s.on[Email] {
		return
	}
	for at := i; ; at++ {
		n := bytes.IndexByte(b[at:], '@')
		if n < 0 {
			return
		}
		at += n
		if start, end, ok := mailAt(b, at, i); ok {
			s.mail = Span{start, end}
			return
		}
	}
}
