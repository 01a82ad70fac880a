package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// choices gives fake.choice the values that a CHECK constraint allows, if the rule lists no values.
func (r *resolver) choices(use *transform.Use) {
	if _, given := use.Params["values"]; use.Treatment != "fake.choice" || given || r.c.cat.Type.Family == catalog.Enum {
		return
	}
	var allowed []string
	found := false
	for _, check := range r.b.checksOf(r.t) {
		if !slices.Equal(check.Columns, []string{r.c.cat.Name}) {
			continue
		}
		list, ok := listedValues(check.Expr, r.c.cat.Name)
		switch {
		case ok && !found:
			allowed, found = list, true
		case ok:
			allowed = slices.DeleteFunc(allowed, func(v string) bool { return !slices.Contains(list, v) })
		}
	}
	if len(allowed) == 0 {
		return // the treatment's own check reports that values are missing
	}
	var values []any
	for _, v := range allowed {
		values = append(values, v)
	}
	use.Params = maps.Clone(use.Params)
	if use.Params == nil {
		use.Params = transform.Params{}
	}
	use.Params["values"] = values
}

// choosesAmong reports whether the use, in all rows, leaves the value, gives NULL, or chooses one of the listed values.
func choosesAmong(u transform.Use, list []string) bool {
	switch u.Treatment {
	case "keep", "null":
	case "fake.choice":
		values, given := u.Params["values"].([]any)
		if !given || slices.ContainsFunc(values, func(v any) bool { return !slices.Contains(list, fmt.Sprint(v)) }) {
			return false
		}
	default:
		return false
	}
	return u.Else == nil || choosesAmong(*u.Else, list)
}

// listedValues returns the values in `column = ANY (ARRAY['a'::text, 'b'::text])`. PostgreSQL prints IN in this form.
// If the constraint compares upper(column) or lower(column), listedValues returns only the values that are in upper
// case or in lower case. For any other expression, the result ok is false.
func listedValues(expr, column string) (values []string, ok bool) {
	words, ok := sqlWords(expr)
	if !ok {
		return nil, false
	}
	if len(words) > 0 && words[0] == "CHECK" {
		words = words[1:]
	}
	same := func(string) bool { return true }
	if len(words) > 1 && words[1] != "=" {
		switch words[0] {
		case "upper":
			same = func(value string) bool { return strings.ToUpper(value) == value }
		case "lower":
			same = func(value string) bool { return strings.ToLower(value) == value }
		default:
			return nil, false
		}
		words = words[1:]
	}
	head := []string{catalog.Quote(column), "=", "ANY", "ARRAY", "["}
	if len(words) > 0 && words[0] == "VALUE" { // the constraint belongs to a domain type
		head[0] = "VALUE"
	}
	if len(words) < len(head)+2 || !slices.Equal(words[:len(head)], head) || words[len(words)-1] != "]" {
		return nil, false
	}
	for i, w := range words[len(head) : len(words)-1] {
		literal, quoted := strings.CutPrefix(w, "'")
		if i%2 == 1 && w != "," || i%2 == 0 && !quoted && !isNumber(w) {
			return nil, false
		}
		if i%2 == 0 && same(literal) {
			values = append(values, literal)
		}
	}
	return values, len(words[len(head):])%2 == 0 && len(values) > 0
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789.-") == "" }

// sqlWords splits an expression into words and leaves out parentheses and casts. A word is a name as SQL writes it, a
// number, one of the signs = [ ] and comma, or a string literal. The word of a string literal is a single quote and
// then the text. In this text, every doubled quote is replaced by a single one. If the expression holds anything else,
// the result ok is false.
func sqlWords(expr string) (words []string, ok bool) {
	for expr != "" {
		switch c := expr[0]; {
		case c == ' ' || c == '(' || c == ')':
			expr = expr[1:]
		case c == '\'' || c == '"':
			end := closingQuote(expr)
			if end < 0 {
				return nil, false
			}
			word := expr[:end+1]
			if c == '\'' {
				if strings.Contains(expr[:end], `\`) {
					return nil, false // the meaning of a backslash depends on standard_conforming_strings
				}
				word = "'" + strings.ReplaceAll(expr[1:end], "''", "'")
			}
			words, expr = append(words, word), expr[end+1:]
		case strings.HasPrefix(expr, "::"):
			if expr, ok = skipType(expr[2:]); !ok {
				return nil, false
			}
		case strings.IndexByte("=[],", c) >= 0:
			words, expr = append(words, expr[:1]), expr[1:]
		default:
			n := len(expr) - len(strings.TrimLeft(expr, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"))
			if n == 0 {
				return nil, false
			}
			words, expr = append(words, expr[:n]), expr[n:]
		}
	}
	return words, true
}

// closingQuote returns the index of the quote that ends the quoted word at the start of s, or -1.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		if i+1 == len(s) || s[i+1] != s[0] {
			return i
		}
		i++
	}
	return -1
}

// skipType returns s without the type name at its start: text, character varying(20), public.mood, bpchar[].
func skipType(s string) (rest string, ok bool) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_."
	rest = strings.TrimLeft(s, letters)
	if rest == s {
		return s, false
	}
	rest = strings.TrimPrefix(rest, " varying")
	if strings.HasPrefix(rest, "(") {
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return s, false
		}
		rest = rest[end+1:]
	}
	return strings.TrimPrefix(rest, "[]"), true
}
