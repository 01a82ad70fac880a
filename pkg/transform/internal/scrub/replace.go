package scrub

import (
	"strconv"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// replace appends the replacement of a match.
func (s *scrubber) replace(dst, b []byte, m *recognise.Match) ([]byte, error) {
	found := b[m.Start:m.End]
	switch {
	case m.Known:
		made, err := s.mentions.pseudonym(s, m.Value.Index)
		if err != nil || made == nil {
			return append(dst, literal.Redacted...), err
		}
		return appendCased(dst, wordOf(made, m.Value.Part, m.Value.Parts), found), nil
	case m.Kind == recognise.Name:
		return s.pieces.name(dst, s.names.family(found), found)
	case m.Kind == recognise.Date:
		return s.replaceDate(dst, b, m, s.scan.WrittenDate())
	}
	return s.pieces.append(dst, m.Kind, found)
}

// replaceDate replaces a date. If a column holds the same day, the date becomes the result of that column. Any other
// date is shifted, or stays if dates are not among the patterns. A date whose day is written in words becomes a mark.
func (s *scrubber) replaceDate(dst, b []byte, m *recognise.Match, w *recognise.WrittenDate) ([]byte, error) {
	if w.Spelled {
		return appendMark(dst, recognise.Date), nil
	}
	column, ok := s.mentions.date(moment.DaysFrom(w.Y, w.M, w.D))
	if !ok && w.Swapped {
		column, ok = s.mentions.date(moment.DaysFrom(w.Y, w.D, w.M))
	}
	if ok {
		made, err := s.mentions.pseudonym(s, column)
		if err != nil || made == nil {
			return appendMark(dst, recognise.Date), err
		}
		if day, ok := moment.Parse(made); ok {
			return appendWritten(dst, b, m.Start, w, day.Day), nil
		}
		return append(dst, made...), nil
	}
	if !s.dates {
		return append(dst, b[m.Start:m.End]...), nil // dates are searched only because columns hold days
	}
	return s.pieces.day(dst, b, m.Start, w)
}

// day appends the replacement of a date, in the form of the match.
func (p *pieces) day(dst, b []byte, start int, w *recognise.WrittenDate) ([]byte, error) {
	m := moment.Moment{Day: moment.DaysFrom(w.Y, w.M, w.D)}
	p.text = m.Append(p.text[:0])
	n := len(p.text)
	made, _, err := p.as[recognise.Date].Append(p.text, transform.Cell{Text: p.text[:n]}, nil)
	if err != nil {
		return dst, err
	}
	p.text = made
	if m, ok := moment.Parse(made[n:]); ok {
		return appendWritten(dst, b, start, w, m.Day), nil
	}
	return appendMark(dst, recognise.Date), nil
}

// appendWritten appends a day in the form of the date w, which starts at the offset start of b.
func appendWritten(dst, b []byte, start int, w *recognise.WrittenDate, day int64) []byte {
	y, m, d := moment.DateOf(day)
	for _, p := range inOrder(w.Year, w.Month, w.Day) {
		dst = append(dst, b[start:p.Start]...)
		start = p.End
		switch {
		case p == w.Year && p.End-p.Start == 2:
			dst = decimal.AppendDigits(dst, y%100, 2)
		case p == w.Year:
			dst = decimal.AppendDigits(dst, y, 4)
		case p == w.Month && w.Names != nil:
			dst = appendCased(dst, w.Names[m-1], b[p.Start:p.End])
		case p == w.Month:
			dst = decimal.AppendDigits(dst, m, p.End-p.Start)
		case w.Ordinal:
			dst = append(strconv.AppendInt(dst, d, 10), ordinalEnd(d)...)
		default:
			dst = decimal.AppendDigits(dst, d, p.End-p.Start)
		}
	}
	return append(dst, b[start:w.End]...)
}

// inOrder returns the parts of a date in their order in the text.
func inOrder(a, b, c recognise.Span) [3]recognise.Span {
	if a.Start > b.Start {
		a, b = b, a
	}
	if b.Start > c.Start {
		b, c = c, b
	}
	if a.Start > b.Start {
		a, b = b, a
	}
	return [3]recognise.Span{a, b, c}
}

func ordinalEnd(d int64) string {
	switch {
	case d%100 >= 11 && d%100 <= 13:
	case d%10 == 1:
		return "st"
	case d%10 == 2:
		return "nd"
	case d%10 == 3:
		return "rd"
	}
	return "th"
}
