package definition

import "github.com/masker-project/masker/pkg/sqltext"

// bounds finds what makes an ATTACH PARTITION reaching. It also sets d.bound if all bounds are numbers, dates, times or
// UUIDs. Such bounds tell nothing about a person, even if there are many partitions.
func (s *schema) bounds(d *draft, tokens []token) {
	w := &walker{tokens: tokens}
	for _, t := range tokens {
		if t.Kind == sqltext.Operator && t.Value != "-" || t.Kind == sqltext.Parameter {
			d.because("its SQL cannot be read")
		}
	}
	if !w.find("attach") || !w.find("partition") {
		d.because("its SQL cannot be read")
		return
	}
	w.relation()
	if w.i < len(tokens) && !w.at(0).Is("for", "default", ";") {
		d.because("its SQL cannot be read")
	}
	d.bound = true
	for ; w.i < len(tokens); w.i++ {
		switch t := w.at(0); {
		case t.Kind == sqltext.String:
			d.bound = d.bound && measured(t.Value)
		case t.Name() && !t.Is("for", "values", "from", "to", "in", "with", "modulus", "remainder", "minvalue", "maxvalue", "default", "null", "true", "false"):
			d.because("its SQL cannot be read")
		}
	}
}

// measured reports whether a text can be a number, a date, a time or a UUID. At least half of its characters are
// digits. All others are signs between digits, a T, or the letters a to f of a UUID.
func measured(text string) bool {
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' || c == '+' || c == ':' || c == '.' || c == ' ' || c == 'T' || c >= 'a' && c <= 'f':
		default:
			return false
		}
	}
	return digits*2 >= len(text)
}
