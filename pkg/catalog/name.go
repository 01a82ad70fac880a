package catalog

import (
	"fmt"
	"strings"
)

// Name is a schema-qualified name, unquoted.
type Name struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
}

// String returns the name as SQL needs it. It quotes the parts that quote_ident would quote.
func (n Name) String() string { return Quote(n.Schema) + "." + Quote(n.Name) }

// Column returns the column's full name as SQL writes it: public.customers.email.
func (n Name) Column(name string) string { return n.String() + "." + Quote(name) }

// Compare orders names by schema, then by name.
func (n Name) Compare(m Name) int {
	if c := strings.Compare(n.Schema, m.Schema); c != 0 {
		return c
	}
	return strings.Compare(n.Name, m.Name)
}

// Quote returns the identifier as SQL needs it. It quotes the identifier if PostgreSQL's quote_ident would quote it.
func Quote(ident string) string {
	if plain(ident) && !reserved(ident) {
		return ident
	}
	return `"` + strings.ReplaceAll(ident, `"`, `""`) + `"`
}

// QuoteAll quotes each of the identifiers.
func QuoteAll(idents []string) []string {
	quoted := make([]string, len(idents))
	for i, ident := range idents {
		quoted[i] = Quote(ident)
	}
	return quoted
}

// Literal quotes a text for SQL. The session must have standard_conforming_strings on, as every session of masker has.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func plain(ident string) bool {
	for i, c := range []byte(ident) {
		switch {
		case c >= 'a' && c <= 'z', c == '_':
		case i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return ident != ""
}

// ParseName reads schema.table as SQL would. It folds unquoted parts to lower case and leaves
// quoted parts as they are.
func ParseName(s string) (Name, error) {
	parts, err := ParseIdents(s)
	if err != nil {
		return Name{}, err
	}
	if len(parts) != 2 {
		return Name{}, fmt.Errorf("%q: want schema.table", s)
	}
	return Name{parts[0], parts[1]}, nil
}

// ParseIdents splits a list of SQL identifiers at the dots between them.
func ParseIdents(s string) ([]string, error) {
	var parts []string
	for rest := s; ; {
		ident, tail, err := parseIdent(rest)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		parts = append(parts, ident)
		if tail == "" {
			return parts, nil
		}
		if tail[0] != '.' {
			return nil, fmt.Errorf("%q: unexpected %q after an identifier; quote names as SQL would", s, tail[:1])
		}
		rest = tail[1:]
	}
}

func parseIdent(s string) (ident, rest string, err error) {
	if s == "" {
		return "", "", fmt.Errorf("empty identifier")
	}
	if s[0] == '"' {
		var b strings.Builder
		for i := 1; i < len(s); i++ {
			if s[i] != '"' {
				b.WriteByte(s[i])
				continue
			}
			if i+1 < len(s) && s[i+1] == '"' {
				b.WriteByte('"')
				i++
				continue
			}
			return b.String(), s[i+1:], nil
		}
		return "", "", fmt.Errorf("unterminated quoted identifier")
	}
	end := strings.IndexAny(s, `."`)
	if end < 0 {
		end = len(s)
	}
	if end == 0 || strings.ContainsAny(s[:end], " \t\n'") {
		return "", "", fmt.Errorf("bad identifier; quote names as SQL would")
	}
	return strings.ToLower(s[:end]), s[end:], nil
}
