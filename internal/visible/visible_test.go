package visible_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/internal/visible"
)

func TestCleanTextCannotCommandATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"public.orders":    "public.orders",
		"ünïcode 表":        "ünïcode 表",
		"a\x1b[2Jb":        `a\x1b[2Jb`,
		"a\nb\tc":          `a\nb\tc`,
		"a\u202eb":         `a\u202eb`,
		"a\u009bb\x7f":     `a\u009bb\x7f`,
		"bad\xff":          `bad\xff`,
		"\u2066hidden":     `\u2066hidden`,
		"no\u00a0break":    `no\u00a0break`,
		"replaced: \ufffd": "replaced: \ufffd",
	} {
		if got := visible.Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if i := strings.IndexFunc(visible.Text(s), func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("%q keeps a control character", s)
		}
		data, _ := json.Marshal(s)
		var back string
		if err := json.Unmarshal(visible.JSON(data), &back); err != nil || back != s {
			t.Fatalf("%q comes back as %q (%v)", s, back, err)
		}
	})
}
