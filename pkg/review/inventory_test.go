package review

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/internal/sketch"
)

// printed returns an inventory's text without the digest. The digest depends on the library's version, which other
// tests check.
func printed(t *testing.T, inv *Inventory) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteInventory(&out, inv); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`digest [0-9a-f]{64}`).ReplaceAll(out.Bytes(), []byte("digest …"))
}

func TestPrintForPeople(t *testing.T) {
	golden(t, "shop.txt", printed(t, InventoryOf(shop(t), time.Time{})))
}

func TestPrintLetsNobodyFakeALine(t *testing.T) {
	p := built(t, sketch.Schema(t, "public.t: a text"), "tables: {public.t: {skip: \"logs\\n\\e[2Kpublic.u: rows stay behind\\u202e\"}}\n")
	out := printed(t, InventoryOf(p, time.Time{}))
	if want := `public.t: rows stay behind (logs\n\x1b[2Kpublic.u: rows stay behind\u202e)  r.yaml:3`; !bytes.Contains(out, []byte("\n"+want+"\n")) {
		t.Errorf("%q", out)
	}
}

func TestAnInventoryAsMarkdown(t *testing.T) {
	inv := InventoryOf(rich(t), day(t, "2027-01-01T00:00:00Z"))
	inv.Digest = "…"
	var out bytes.Buffer
	if err := WriteInventoryMarkdown(&out, inv); err != nil {
		t.Fatal(err)
	}
	golden(t, "rich.md", out.Bytes())
}

// TestNothingLeavesItsCell checks that no text ends its table cell. In GitHub's renderer, a pipe ends a cell unless a
// backslash is before the pipe.
func TestNothingLeavesItsCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "x" + rapid.StringOfN(rapid.SampledFrom([]rune("a`|\\ \n@<")), 0, 20, -1).Draw(t, "text")
		got := cell(text)
		if strings.Contains(strings.ReplaceAll(got, `\|`, ""), "|") || strings.Contains(got, `\\|`) {
			t.Fatalf("%q becomes %q, which ends its cell", text, got)
		}
		shown, rest, ok := span(strings.ReplaceAll(got, `\|`, "|"))
		if !ok || rest != "" || strings.Contains(shown, "\n") {
			t.Fatalf("%q shows %q, then %q", text, shown, rest)
		}
	})
}
