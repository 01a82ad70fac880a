package definition

import (
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// normalised writes the tokens of a text with one space where white space was, and each command on a line. Strings and
// quoted names stay as they are. A text that cannot be read stays as it is.
func normalised(sql string, tokens []token, err error) string {
	if err != nil {
		return strings.TrimSpace(sql)
	}
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && tokens[i-1].To < t.From {
			if before := tokens[i-1]; before.Is(";") || before.Kind == sqltext.Comment {
				b.WriteByte('\n')
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(sql[t.From:t.To])
	}
	return b.String()
}
