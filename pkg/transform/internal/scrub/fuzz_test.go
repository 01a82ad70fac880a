package scrub_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// FuzzScrub checks that the result is valid text of limited length, and that it does not contain the value of the first
// column.
func FuzzScrub(f *testing.F) {
	for _, seed := range []string{
		note(), "Anna's Müller@x.io +49 (0)30 1234567", "(((+(1", "1-1-1-1-1-1-1-1-1-1-1-1-1-1", "::::1:1::", "29th of 2/29/84 Feb 29, 2024", "a@b@c@[", `"@x`, "\xff\xfeAnna\xc3",
		"DE89 3704 0044 0532 0130 00", "田中Anna田中", "An\u00adna A\u0300nna", "www.", "://", "eyJ.eyJ.", "AB 12 34 56 C", "A&#110;na A%6ena \\u0041nna An-\nna Annachen xAnnaAnna1 A\u200bn<b>na", "an\nna A n n a", "pass: Anna", strings.Repeat("1 ", 40), strings.Repeat("9", 200),
	} {
		f.Add(seed, "Anna", "Zoë Müller")
	}
	values := []string{"", "~", "", "~~", "anna@acme.io", "~~~", "+49 30 1234567", "~~~~"}
	s, short := scrubberOf(f, transformtest.Text, nil, values...), scrubberOf(f, treatment.TextType(7), nil, values...)
	fold := words.NewFolding()
	f.Fuzz(func(t *testing.T, text, given, full string) {
		s.row[0], s.row[1] = []byte(given), []byte(full)
		short.row[0], short.row[1] = s.row[0], s.row[1]
		out, again := s.run(t, text), s.run(t, text)
		if !utf8.ValidString(out) || out != again {
			t.Fatalf("%q became %q, then %q", text, out, again)
		}
		if len(out) > 64+24*len(text) {
			t.Fatalf("%d bytes became %d", len(text), len(out))
		}
		if name := []byte(given); len(name) >= 3 && onlyASCII(name) && !bytes.ContainsAny([]byte(out), "[@") && containsWord(fold, []byte(out), name) {
			t.Fatalf("%q is still in %q, which was %q", given, out, text)
		}
		if got := short.run(t, text); utf8.RuneCountInString(got) > 7 {
			t.Fatalf("%q does not fit", got)
		}
	})
}

func onlyASCII(name []byte) bool {
	for _, c := range name {
		if !words.IsLetter(c) {
			return false
		}
	}
	return true
}

// containsWord looks for a word in another way than scrub does. It splits the text at characters that are not letters,
// and compares folded words.
func containsWord(f *words.Folding, text, name []byte) bool {
	want := f.Append(nil, name)
	for i := 0; i < len(text); {
		if !f.Starts(text, i) {
			_, size := utf8.DecodeRune(text[i:])
			i += size
			continue
		}
		w := f.At(text, i)
		if bytes.Equal(f.Append(nil, text[w.Start:w.End]), want) {
			return true
		}
		i = w.End
	}
	return false
}

func TestScrubFitsItsColumn(t *testing.T) {
	s := scrubberOf(t, treatment.TextType(16), nil, "Al", "Maximilian")
	for in, want := range map[string]string{
		"Al and Al spoke.": "Maximilian and",
		"Al, Al":           "Maximilian,",
		"short":            "short",
	} {
		if got := s.run(t, in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
	if got := scrubberOf(t, treatment.TextType(5), nil, "Al", "Maximilian").run(t, "Al"); got != "*****" {
		t.Errorf("a word that does not fit became %q", got)
	}
}

func TestScrubTakesHugeTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	s := scrubberOf(t, transformtest.Text, nil, "Anna", "Lauren")
	for _, piece := range []string{
		"a", "1", "1-", "a.", "@", "a@", ":", "(", "Anna ", "+", "::1 ", "é", "\u0301", "- ", "Anna", "Ann", "\u00ad", "&", "%4", "A\n", "a b ", "<", "u\u0301", "1 ", "a_", "AnnaA", "a at ", "@a ", "/home/", "pin ",
	} {
		text := []byte(strings.Repeat(piece, 1<<20/len(piece)))
		if _, _, err := s.Append(nil, transform.Cell{Text: text}, s.row); err != nil {
			t.Errorf("%q: %v", piece, err)
		}
	}
}
