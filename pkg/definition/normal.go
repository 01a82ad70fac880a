package definition

import (
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// normalised returns an SQL text with one space for each run of white space. After a semicolon and after a comment, it
// is a line break instead. Strings and quoted names do not change. If the text cannot be read, normalised only removes
// the white space at both ends.
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
