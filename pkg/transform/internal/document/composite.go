package document

import "github.com/masker-project/masker/pkg/transform"

// Composite treats the text that record_out writes: (a,"b c",,"with ""quotes""").
type Composite struct {
	fields   []*Part
	in, made []byte // scratch for one unquoted field, before and after treatment
}

// NewComposite returns a Composite whose fields have these treatments, in order.
func NewComposite(fields []*Part) *Composite { return &Composite{fields: fields} }

func (t *Composite) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	b := in.Text
	if len(b) < 2 || b[0] != '(' || b[len(b)-1] != ')' {
		return dst, false, faultComposite.err()
	}
	dst, b = append(dst, '('), b[1:]
	for i, f := range t.fields {
		cell, rest, ok := t.unquote(b)
		last := i == len(t.fields)-1
		if !ok || len(rest) == 0 || last && string(rest) != ")" || !last && rest[0] != ',' {
			return dst, false, faultComposite.err()
		}
		var null bool
		var err error
		if t.made, null, err = f.append(t.made[:0], cell, row); err != nil {
			return dst, false, err
		}
		if !null {
			dst = AppendQuoted(dst, t.made, "(),")
		}
		dst, b = append(dst, rest[0]), rest[1:]
	}
	if len(t.fields) == 0 {
		dst = append(dst, ')')
	}
	return dst, false, nil
}

// unquote reads one field into t.in. A field without any text is NULL.
func (t *Composite) unquote(b []byte) (cell transform.Cell, rest []byte, ok bool) {
	var quoted bool
	t.in, rest, quoted, ok = AppendUnquoted(t.in[:0], b, "(),")
	return transform.Cell{Text: t.in, Null: !quoted && len(t.in) == 0}, rest, ok
}

// AppendUnquoted reads text as record_in and range_in do, up to one of the stops outside quotes. A backslash takes the
// next byte literally. Quotes may begin and end anywhere. Inside quotes, "" is a quote. rest begins with the stop.
// quoted is true if the text had a quote or a backslash. ok is false if no stop was found.
func AppendUnquoted(dst, b []byte, stops string) (text, rest []byte, quoted, ok bool) {
	inside := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			if i++; i == len(b) {
				return dst, b, quoted, false
			}
			quoted = true
			dst = append(dst, b[i])
		case c == '"' && inside && i+1 < len(b) && b[i+1] == '"':
			i++
			dst = append(dst, '"')
		case c == '"':
			inside, quoted = !inside, true
		case !inside && isStop(c, stops):
			return dst, b[i:], quoted, true
		default:
			dst = append(dst, c)
		}
	}
	return dst, b, quoted, false
}

func isStop(c byte, stops string) bool {
	for i := range len(stops) {
		if stops[i] == c {
			return true
		}
	}
	return false
}

// AppendQuoted appends text as record_out and range_out do. It quotes a text that is empty, or that holds a blank,
// a quote, a backslash or one of the stops.
func AppendQuoted(dst, text []byte, stops string) []byte {
	quote := len(text) == 0
	for _, c := range text {
		if c == '"' || c == '\\' || c == ' ' || '\t' <= c && c <= '\r' || isStop(c, stops) {
			quote = true
			break
		}
	}
	if !quote {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, c)
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
