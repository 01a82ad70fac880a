package ruleset

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/visible"
)

// Width is how long a line that masker writes for a rule file may be, in characters, unless a single word is longer.
const Width = 118

// Entry is an entry of a block mapping as whole lines: key and value as YAML, and a note for the reader.
// The note stands behind where there is room, else above; a value that is too long begins on a line of
// its own and goes on after a comma.
func Entry(indent int, key, value, note string) string {
	pad := strings.Repeat(" ", indent)
	note = visible.Text(note)
	line := pad + key + ": " + value
	above := ""
	if note != "" {
		if behind := line + " # " + note; utf8.RuneCountInString(behind) <= Width {
			return behind + "\n"
		}
		above = Comment(indent, note)
	}
	if utf8.RuneCountInString(line) <= Width {
		return above + line + "\n"
	}
	next := "\n" + strings.Repeat(" ", indent+2)
	text, _ := Wrap(value, indent+2, next+"  ")
	return above + pad + key + ":" + next + text + "\n"
}

// Comment is a text as comment lines.
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

// Wrap breaks flow-style YAML after its commas, so that no line is longer than Width where that can be. The
// text begins at the column at; next begins a new line. It returns the column after the text as well.
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

// parts splits flow-style YAML after the commas that stand in no quotes, each with the blank behind it.
func parts(text string) []string {
	var out []string
	quote, from := byte(0), 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0 // '' within '…' ends and begins at once
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
