package ruleset

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/visible"
)

// Width is the longest line that masker writes into a rule file, in characters. A line with a single word can be
// longer.
const Width = 118

// Entry returns an entry of a block mapping as whole lines: key and value as YAML, and a comment for the reader. The
// comment stands after the value if the whole line is then at most Width characters long. Otherwise the comment
// stands above the value. A value that is too long begins on its own line and is broken after commas.
func Entry(indent int, key, value, comment string) string {
	pad := strings.Repeat(" ", indent)
	comment = visible.Text(comment)
	line := pad + key + ": " + value
	above := ""
	if comment != "" {
		if behind := line + " # " + comment; utf8.RuneCountInString(behind) <= Width {
			return behind + "\n"
		}
		above = Comment(indent, comment)
	}
	if utf8.RuneCountInString(line) <= Width {
		return above + line + "\n"
	}
	next := "\n" + strings.Repeat(" ", indent+2)
	text, _ := Wrap(value, indent+2, next+"  ")
	return above + pad + key + ":" + next + text + "\n"
}

// Comment returns a text as YAML comment lines.
func Comment(indent int, text string) string {
	pad := strings.Repeat(" ", indent) + "#"
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(visible.Text(text)) {
		n := utf8.RuneCountInString(word) + 1
		if at > 0 && at+n > Width {
			b.WriteByte('\n')
			at = 0
		}
		if at == 0 {
			b.WriteString(pad)
			at = len(pad)
		}
		b.WriteString(" " + word)
		at += n
	}
	b.WriteByte('\n')
	return b.String()
}

// Wrap breaks flow-style YAML after commas, so that lines are not longer than Width where possible. The argument at
// is the column at which the text begins, counted from 0. Wrap writes next at each line break. It returns the new
// text and the column after the text.
func Wrap(text string, at int, next string) (string, int) {
	var b strings.Builder
	margin, blank := utf8.RuneCountInString(next)-1, ""
	for _, part := range parts(text) {
		word := strings.TrimSuffix(part, " ")
		n := utf8.RuneCountInString(word)
		if at+len(blank)+n > Width && at > margin {
			b.WriteString(next)
			at, blank = margin, ""
		}
		b.WriteString(blank + word)
		at, blank = at+len(blank)+n, part[len(word):]
	}
	b.WriteString(blank)
	return b.String(), at + len(blank)
}

// parts splits flow-style YAML after each comma outside quotes. A space after the comma stays with the part before it.
func parts(text string) []string {
	var out []string
	quote, from := byte(0), 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0 // '' inside '…' ends the quotes and begins them again
			}
		case c == '"' || c == '\'':
			quote = c
		case c == ',':
			if i+1 < len(text) && text[i+1] == ' ' {
				i++
			}
			out, from = append(out, text[from:i+1]), i+1
		}
	}
	return append(out, text[from:])
}
