package definition

import "github.com/masker-project/masker/pkg/sqltext"

// bounds judges ATTACH PARTITION. The bounds of a partition whose key has a type without words (numbers, dates, times) say
// nothing about a person, however many partitions there are.
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

// measured reports whether a text can be a number, a date, a time or an identifier of a UUID: it has digits and the signs
// between them only.
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
