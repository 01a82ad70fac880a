package definition

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/sqltext"
)

const (
	longestLiteral = 64
	mostLiterals   = 20
)

// comments notes the comments and the quoted names in a text, because both can contain any text.
func (d *draft) comments(tokens []token) {
	for _, t := range tokens {
		if t.Kind == sqltext.Comment {
			d.texts = append(d.texts, t.Value)
		}
		if t.Kind == sqltext.Quoted {
			d.quoted = append(d.quoted, t.Value)
		}
	}
}

// literal notes the literals of a text. If several literals are joined with ||, it also notes the joined text.
func (d *draft) literal(tokens []token) {
	body := d.kind == "FUNCTION" || d.kind == "PROCEDURE"
	joined, joins := "", false
	for i, t := range tokens {
		switch {
		case t.Kind == sqltext.String:
			if body && len(d.tokens) == len(tokens) && i > 0 && tokens[i-1].Is("as") {
				continue // this literal is the body itself
			}
			d.literals++
			d.texts = append(d.texts, t.Value)
			if joins {
				joined += t.Value
				d.texts = append(d.texts, joined)
			} else {
				joined = t.Value
			}
			joins = false
			d.secret = d.secret || i > 0 && tokens[i-1].Name() && secretWord(tokens[i-1].Value)
		case t.Kind == sqltext.Number:
			d.numbers = append(d.numbers, t.Value)
			if len(t.Value) > 1 && !modifier(tokens[:i]) {
				d.literals++
			}
			joins = false
		case t.Is("||"):
			joins = joined != ""
		case t.Is("(", ")", "::", "."), t.Name():
		default:
			joins, joined = false, ""
		}
	}
}

// modifiers are the types that take numbers as modifiers, as in numeric(10,2).
var modifiers = words("bit bpchar char character dec decimal float interval nchar numeric time timestamp varbit varchar varying")

// modifier reports whether a number that follows the tokens is the modifier of a type, as in numeric(10,2).
func modifier(before []token) bool {
	n := len(before)
	if n > 3 && before[n-1].Is(",") && before[n-2].Kind == sqltext.Number {
		n -= 2
	}
	return n > 1 && before[n-1].Is("(") && before[n-2].Kind == sqltext.Word && modifiers[before[n-2].Value]
}

// teller finds the texts, names and numbers in a definition that may be data.
type teller struct {
	scanner *recognise.Scanner
	numbers *recognise.Scanner
	names   map[string]bool
}

func newTeller(names map[string]bool) *teller {
	return &teller{
		scanner: recognise.New(recognise.Kinds(), nil),
		numbers: recognise.New([]recognise.Kind{recognise.PAN, recognise.NationalID, recognise.Phone}, nil),
		names:   names,
	}
}

func (t *teller) reasons(d *draft) (why []string) {
	add := func(reason string) {
		if !slices.Contains(why, reason) {
			why = append(why, reason)
		}
	}
	for _, text := range d.texts {
		if d.code[text] || d.bound {
			continue
		}
		for _, kind := range t.scanner.Kinds(text) {
			add(fmt.Sprintf("has a text that looks like data: %s", kind))
		}
		if len(text) > longestLiteral {
			add(fmt.Sprintf("has a text of more than %d bytes", longestLiteral))
		}
		if secret(text) {
			add("has a text that looks like a secret")
		}
		if !d.labels && !t.plain(text) {
			add("has a text with a space or a capital that is no name of the schema")
		}
	}
	for _, name := range d.quoted {
		for _, kind := range t.scanner.Kinds(name) {
			add(fmt.Sprintf("has a name that looks like data: %s", kind))
		}
	}
	if d.secret {
		add("sets a secret, such as a password")
	}
	if d.literals > mostLiterals && !d.bound && !d.labels {
		add(fmt.Sprintf("has more than %d literals", mostLiterals))
	}
	return append(why, t.number(d)...)
}

// secretWords are words that occur in the names of settings for passwords and keys.
var secretWords = []string{"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "api_key"}

func secretWord(name string) bool {
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(strings.ToLower(name), word) })
}

// secret reports whether a text sets a password or key, as a connection string does.
func secret(text string) bool {
	text = strings.ToLower(text)
	for _, word := range secretWords {
		for rest, found := text, true; found; {
			if _, rest, found = strings.Cut(rest, word); found && setsValue(rest) {
				return true
			}
		}
	}
	return false
}

func setsValue(rest string) bool {
	rest = strings.TrimLeft(rest, " '\"")
	return strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ":")
}

// plain reports whether a text cannot be data. A text is plain if it has no letter and no digit, or if it has no space
// and no capital. A name in the database's schema is plain too, with or without the schema before it.
func (t *teller) plain(text string) bool {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return true
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || strings.ToLower(string(r)) != string(r) }) {
		return true
	}
	for _, part := range strings.Split(text, ".") {
		if !t.names[strings.Trim(part, `"`)] {
			return false
		}
	}
	return true
}

func (t *teller) number(d *draft) (why []string) {
	if d.kind == "SEQUENCE" || d.bound {
		return nil
	}
	for _, number := range d.numbers {
		if kinds := t.numbers.Kinds(number); len(kinds) > 0 {
			return []string{"has a number that looks like data: " + kinds[0].String()}
		}
		if digits := strings.Trim(number, "0."); len(digits) >= 6 && !limits[number] {
			return []string{"has a number of six digits or more"}
		}
	}
	return nil
}

// limits are the numbers at the ends of the integer types.
var limits = words("2147483647 2147483648 4294967295 4294967296 9223372036854775807 9223372036854775808 18446744073709551615")
