package review

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// span returns what a code span shows (CommonMark 6.1), and the text after it.
func span(text string) (shown, rest string, ok bool) {
	fence := len(text) - len(strings.TrimLeft(text, "`"))
	for i := fence; i < len(text); {
		if text[i] != '`' {
			i++
			continue
		}
		run := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		if run == fence {
			return text[fence:i], text[i+run:], fence > 0
		}
		i += run
	}
	return "", "", false
}

func TestNothingLeavesItsCodeSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("a`` \n|@<>&*_[](){}#!\\\x1b\u202e")), 0, 20, -1).Draw(t, "text")
		shown, rest, ok := span(literal(text) + " @next")
		if !ok || rest != " @next" || strings.ContainsAny(shown, "\n\x1b\u202e") {
			t.Fatalf("%q shows %q, then %q", literal(text), shown, rest)
		}
	})
}

func TestACommentFitsAndKeepsTheWeakest(t *testing.T) {
	c := Comparison{Of: "plans"}
	for i := range 5000 {
		c.Differences = append(c.Differences, Difference{Where: fmt.Sprintf("public.t%d", i), Text: "kept as it is now", Effect: Weaker})
	}
	var out bytes.Buffer
	if err := WriteComparisonMarkdown(&out, c); err != nil {
		t.Fatal(err)
	}
	text := out.Bytes()
	if len(text) > 65_536 || !bytes.Contains(text, []byte("public.t0`")) || !bytes.Contains(text, []byte("more changes do not fit here")) || !bytes.Contains(text, []byte("5000 changes: 5000 weaker")) {
		t.Errorf("%d bytes, %s", len(text), text[len(text)-200:])
	}
}
