package ruleset

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestWrappedRulesReadBack checks that wrapped YAML has the same content as before, and that every line that could be
// broken is at most Width characters long.
func TestWrappedRulesReadBack(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		words := rapid.OneOf(rapid.StringMatching(`[a-z, "'{}#:\\]{1,30}`), rapid.SampledFrom([]string{"null", "a, b", `",`, "',", `\",`, "ü, é"}))
		var list []string
		for _, w := range rapid.SliceOfN(words, 1, 60).Draw(t, "words") {
			list = append(list, fmt.Sprintf("%q: 1", w+fmt.Sprint(len(list))))
		}
		value := "{treat: map, values: {" + strings.Join(list, rapid.SampledFrom([]string{", ", ","}).Draw(t, "comma")) + "}}"
		text := func(entry string) string { return "revision: 1\ntables:\n  public.t:\n    columns:\n" + entry }
		entry := Entry(6, "c", value, "a note\nof two lines")
		for line := range strings.Lines(entry) {
			if utf8.RuneCountInString(line) > Width+1 {
				t.Fatalf("a line of %d characters: %s", utf8.RuneCountInString(line), line)
			}
		}
		plain, err := parse(outer, text("      c: "+value+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := parse(outer, text(entry))
		if err != nil {
			t.Fatalf("%v\n%s", err, entry)
		}
		if a, b := plain.Tables[0].Columns[0].Rule.Params, wrapped.Tables[0].Columns[0].Rule.Params; !reflect.DeepEqual(a, b) {
			t.Fatalf("%v became %v", a, b)
		}
	})
}

func TestACommentGoesBehindTheValueIfThereIsRoom(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for _, c := range []struct{ got, want string }{
		{Entry(2, "a", "{treat: redact}", "REVIEW: text"), "  a: {treat: redact} # REVIEW: text\n"},
		{Entry(2, "a", "drop", ""), "  a: drop\n"},
		{Entry(2, "a", "drop", long), "  # " + strings.TrimSpace(strings.Repeat("word ", 23)) + "\n  # " + strings.TrimSpace(strings.Repeat("word ", 7)) + "\n  a: drop\n"},
		{Entry(2, strings.Repeat("k", 110), "{keep: why}", "x"), "  # x\n  " + strings.Repeat("k", 110) + ":\n    {keep: why}\n"},
	} {
		if c.got != c.want {
			t.Errorf("got\n%s\nwant\n%s", c.got, c.want)
		}
	}
}
