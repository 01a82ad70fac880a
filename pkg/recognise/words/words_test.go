package words_test

import (
	"bytes"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
)

func ExampleFolding() {
	fold := words.NewFolding()
	for _, name := range []string{"Müller", "MULLER", "Mu\u0308ller", "Strauß", "田中"} {
		w := fold.At([]byte(name), 0)
		fmt.Printf("%s %d\n", fold.Append(nil, []byte(name)[w.Start:w.End]), w.Runes)
	}
	// Output:
	// muller 6
	// muller 6
	// muller 6
	// strauss 7
	// 田 1
}

func TestFoldedWordsHaveTheSameHash(t *testing.T) {
	fold := words.NewFolding()
	for _, pair := range [][2]string{{"Zoë", "ZOE"}, {"An\u00adna", "anna"}, {"Øre", "ore"}, {"Æsir", "aesir"}, {"Łukasz", "lukasz"}} {
		a, b := fold.At([]byte(pair[0]), 0), fold.At([]byte(pair[1]), 0)
		if a.Hash != b.Hash || a.End != len(pair[0]) {
			t.Errorf("%q and %q differ: %+v, %+v", pair[0], pair[1], a, b)
		}
		if h := words.Hash(fold.Append(nil, []byte(pair[0]))); h != a.Hash {
			t.Errorf("%q: the hash of its folded runes differs", pair[0])
		}
	}
}

// FuzzWord checks that three ways to read a word agree: At, Append with Hash, and Prefix.
func FuzzWord(f *testing.F) {
	f.Add("Anna's")
	f.Add("A\u0300nna田中1")
	fold := words.NewFolding()
	f.Fuzz(func(t *testing.T, text string) {
		b := []byte(text)
		if len(b) == 0 || !utf8.Valid(b) || !fold.Starts(b, 0) {
			return
		}
		w := fold.At(b, 0)
		folded := fold.Append(nil, b[:w.End])
		if w.End == 0 || w.Runes != utf8.RuneCount(folded) || words.Hash(folded) != w.Hash {
			t.Fatalf("%q: %+v, folded %q", text, w, folded)
		}
		if n := fold.Prefix(b[:w.End], folded); n != w.End {
			t.Fatalf("%q: its own prefix ends at %d, not %d", text, n, w.End)
		}
		if w.ASCII && !bytes.EqualFold(folded, b[:w.End]) {
			t.Fatalf("%q folds to %q", text, folded)
		}
	})
}
