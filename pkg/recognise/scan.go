// Package recognise finds texts that look like personal data, such as e-mail addresses, dates and telephone numbers.
// The constants of Kind list what it finds. It takes a text and returns matches, each with a kind. It looks at forms,
// at check digits and at words such as password or street. It has no lists of people's names. A match is not always
// personal data.
package recognise

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/folded"
	"github.com/masker-project/masker/pkg/recognise/words"
)

// Span is a range of bytes in a text.
type Span struct{ Start, End int }

// Match is a match in a text. Matches do not overlap.
type Match struct {
	Span  // in the folded text; see Scanner.Source
	Kind  Kind
	Known bool  // the match is one of the caller's Values; Kind has no meaning then
	Value Value // the value, if Known
}

// Values is a set of texts that the caller wants to find in addition to the patterns. If a value and a pattern match at
// the same offset, the longer match wins. If both are equally long, the value wins. The texts that the methods get are
// parts of the folded text.
type Values interface {
	// Word returns the longest value that begins with the word w. The word may be the rest of a longer word.
	Word(text []byte, w *words.Word) Value
	// Within returns the offset in the text at which a value begins inside the word w, or 0.
	Within(text []byte, w *words.Word) int
	// Number returns the longest value whose digits are the first digits of the numerals n.
	Number(n *Numerals) Value
	// Same returns the value that is equal to the argument found but is written in another way. The argument found is
	// a text that a pattern has matched. Same returns false if there is no such value.
	Same(found []byte) (Value, bool)
	// Name reports whether the word is a name of people. It is called only for words at which no other match begins.
	Name(text []byte, w *words.Word) bool
	// Dated reports whether one of the values is a date. If so, the scanner also looks for dates, even if the caller
	// did not ask for this kind.
	Dated() bool
}

// Value says where a text contains one of the caller's values, or one word of such a value.
type Value struct {
	Index       int // index of the value
	Part, Parts int // index of the word within the value, and the value's number of words; Part is -1 for the whole value
	End         int // end in the text; 0 if the value was not found
}

// Scanner searches one text after the other. It belongs to one goroutine and allocates nothing per text.
type Scanner struct {
	on      [Patterns]bool
	values  Values // nil if the caller has none
	fold    *words.Folding
	months  *months
	lexicon *lexicon
	class   [256]byte

	folded  *folded.Text
	text    []byte // the folded text
	at      int    // offset where the search continues
	rest    int    // offset where a word continues after a value inside the word; -1 if no value was found inside a word
	dated   bool   // search for dates
	mail    Span   // the next e-mail address
	due     Match  // a match that an earlier word announced
	checked int    // end of the part that was searched for secrets
	word    words.Word
	numbers Numerals
	date    WrittenDate // the written form of the last match of kind Date
}

// New returns a Scanner for the given kinds. values may be nil.
func New(kinds []Kind, values Values) *Scanner {
	fold := words.NewFolding()
	s := &Scanner{values: values, fold: fold, folded: folded.New(), months: newMonths(fold), lexicon: newLexicon(fold), class: newClasses()}
	for _, k := range kinds {
		s.on[k] = true
	}
	return s
}

// Folding returns the Scanner's Folding, which its Values may share.
func (s *Scanner) Folding() *words.Folding { return s.fold }

// Start begins the search in a text. The text must be UTF-8 (see AppendValid) and must not change until the last call
// of Next. The scanner looks for matches in the folded text (see package folded).
func (s *Scanner) Start(text []byte) {
	s.text, s.at, s.checked, s.rest = s.folded.Read(text), 0, 0, -1
	s.due = Match{Span: Span{Start: -1}}
	s.dated = s.on[Date] || s.values != nil && s.values.Dated()
	s.nextMail(s.text, 0)
}

// Text returns the folded text. The offsets of matches are offsets in it.
func (s *Scanner) Text() []byte { return s.text }

// Source returns the span in the original text for the span of a match in the folded text.
func (s *Scanner) Source(m Span) Span {
	from, to := s.folded.Source(m.Start, m.End)
	return Span{from, to}
}

// Next finds the next match in the text.
func (s *Scanner) Next() (m Match, ok bool) {
	b := s.text
	for i := s.at; i < len(b); {
		class := s.class[b[i]]
		if class == classNone && i != s.mail.Start && i != s.due.Start {
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

// SkipWord skips the rest of the word in which the last match ended. Examples are the s of Annas, and T10 of
// 2024-02-29T10.
func (s *Scanner) SkipWord() {
	for s.at < len(s.text) && words.Continues(s.text, s.at) {
		_, size := utf8.DecodeRune(s.text[s.at:])
		s.at += size
	}
}

// WrittenDate returns the written form of the last match of kind Date. It is valid until the next match.
func (s *Scanner) WrittenDate() *WrittenDate { return &s.date }

// Kinds returns the kinds of all matches in a text, without duplicates, in the order of the constants. The text may
// hold any bytes.
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

// AppendValid appends text and replaces bytes that are not UTF-8 with U+FFFD.
func AppendValid(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

// nextMail finds the next e-mail address that starts at i or later.
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
