package scrub

import (
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// scrubber treats one column of free text. It reads a text once and replaces the matches.
type scrubber struct {
	scan     *recognise.Scanner
	reads    columnReader
	mentions mentions
	pieces   *pieces
	dates    bool     // replace any date, not only the days that columns hold
	names    *nameSet // nil if names are not replaced
	redact   bool     // redact a text without a match
	redacted []byte   // replaces a text without a match if redact is set, and a text of which nothing fits the column
	room     int      // number of characters that the column holds; 0 for no limit
	inBytes  bool     // room counts bytes
	padded   bool

	row   transform.Row // row of the cell that is being treated
	clean []byte        // scratch for a text that was not UTF-8
}

// columnReader gives access to other columns of the row: their source values and their results.
type columnReader interface {
	Source(row transform.Row, i int) transform.Cell
	Treated(dst []byte, row transform.Row, i int) (out []byte, null bool, err error)
}

func (s *scrubber) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	text := in.Text
	if s.padded {
		text = canon.TrimBlanks(text)
	}
	if !utf8.Valid(text) {
		s.clean = recognise.AppendValid(s.clean[:0], text)
		text = s.clean
	}
	s.row = row
	s.mentions.begin()
	for i := range s.mentions.columns {
		s.mentions.put(i, s.reads.Source(row, i))
	}
	start := len(dst)
	dst, found, err := s.walk(dst, text)
	s.row = nil
	if err != nil {
		return dst, false, err
	}
	if !found && s.redact {
		dst = append(dst[:start], s.redacted...)
	}
	return s.cut(dst, start), false, nil
}

func (s *scrubber) walk(dst, b []byte) (out []byte, found bool, err error) {
	from := 0 // the text before from is written already
	s.scan.Start(b)
	for m, ok := s.scan.Next(); ok; m, ok = s.scan.Next() {
		at := s.scan.Source(m.Span)
		if at.Start > from {
			dst = append(dst, b[from:at.Start]...)
		}
		if dst, err = s.replace(dst, s.scan.Text(), &m); err != nil {
			return dst, found, err
		}
		from, found = max(from, at.End), true
		if !m.Known {
			s.scan.SkipWord() // another name may follow this name without a blank
		}
	}
	return append(dst, b[from:]...), found, nil
}

// Word finds the value of a column by its words. Together with Within, Number, Same, Name and Dated, it implements
// recognise.Values. These values are the values of the columns and the names in the dictionary.
func (s *scrubber) Word(text []byte, w *words.Word) recognise.Value { return s.mentions.at(text, w) }

// Within finds the value of a column inside a word.
func (s *scrubber) Within(text []byte, w *words.Word) int { return s.mentions.within(text, w) }

// Number finds the value of a column by its digits.
func (s *scrubber) Number(n *recognise.Numerals) recognise.Value { return s.mentions.number(n) }

// Same finds a value of a column that has the same letters and digits as the text that was found.
func (s *scrubber) Same(found []byte) (recognise.Value, bool) { return s.mentions.same(found) }

// Name looks a word up in the dictionary of names.
func (s *scrubber) Name(text []byte, w *words.Word) bool {
	return s.names != nil && s.names.has(text, w)
}

// Dated reports whether a column in mentions has a date in the present row.
func (s *scrubber) Dated() bool { return len(s.mentions.dates) > 0 }

// cut shortens a result to fit the column. It cuts before a word, so that the result does not end with a part of a
// word.
func (s *scrubber) cut(dst []byte, start int) []byte {
	out := dst[start:]
	if s.room == 0 || len(out) <= s.room || !s.inBytes && utf8.RuneCount(out) <= s.room {
		return dst
	}
	at := s.room
	if !s.inBytes {
		at = canon.Skip(out, s.room)
	}
	for at > 0 && (!utf8.RuneStart(out[at]) || words.Continues(out, at) && endsInWord(out[:at])) {
		at--
	}
	for at > 0 && out[at-1] == ' ' {
		at--
	}
	if at == 0 {
		return append(dst[:start], s.redacted...)
	}
	return dst[:start+at]
}

func endsInWord(b []byte) bool {
	r, _ := utf8.DecodeLastRune(b)
	return r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || words.KindOf(r) != words.Separator
}
