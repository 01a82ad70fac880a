package review

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/internal/visible"
)

// maxComment keeps the comment below what hosts take (65,536 characters at GitHub).
const maxComment = 60_000

// WriteComparisonMarkdown writes differences as a comment: a list whose entries are code. Nothing in a name
// or a text is a mention, a link or markup there.
func WriteComparisonMarkdown(w io.Writer, c Comparison) error {
	var b bytes.Buffer
	count := c.count()
	fmt.Fprintf(&b, "### masker: what the %s decide differently\n\n%s.\n\n", c.Of, strings.ToUpper(count[:1])+count[1:])
	for i, d := range c.Differences {
		line := fmt.Sprintf("- **%s** %s: %s\n", d.Effect, literal(d.Where), literal(d.Text))
		if b.Len()+len(line) > maxComment {
			fmt.Fprintf(&b, "\n%d more changes do not fit here; run `masker diff` to see them.\n", len(c.Differences)-i)
			break
		}
		b.WriteString(line)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// literal is text as a code span, fenced by more backticks than are in it.
func literal(text string) string {
	text = visible.Text(text)
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 || strings.TrimSpace(text) != text || text == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}
