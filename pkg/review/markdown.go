package review

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/internal/visible"
)

// maxComment is the largest comment, in bytes. It is below the limit of code hosts (GitHub: 65,536 characters).
const maxComment = 60_000

// WriteComparisonMarkdown writes differences as a list, for a comment on a pull request. Every name and text in it is a
// code span, and cannot be a mention, a link or markup.
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

// literal returns a text as a code span. The fence has more backticks than the longest run in the text.
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
