package folded_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/folded"
)

func ExampleText() {
	text := "from J&uuml;r\u00adgen, ada%40acme.example"
	t := folded.New()
	plain := t.Read([]byte(text))
	from, to := t.Source(5, 12)
	fmt.Printf("%s\n%q is %q\n", plain, plain[5:12], text[from:to])
	// Output:
	// from Jürgen, ada@acme.example
	// "Jürgen" is "J&uuml;r\u00adgen"
}

func TestP10TextsAreFolded(t *testing.T) {
	f := folded.New()
	for in, want := range map[string]string{
		"":                             "",
		"Anna, 100 % & Co. (at 5) [x]": "Anna, 100 % & Co. (at 5) [x]",
		"Jürgen Müller":                "Jürgen Müller",
		"Ju\u0308rgen":                 "Jürgen",
		"J\u00fcr\u00adgen":            "Jürgen",
		"a\u200bb\u200dc\ufeffd\u2060e\u034ff\ufe0f":    "abcdef",
		"Ｊürgen＠acme．ｅxample １２３":                       "Jürgen@acme.example 123",
		"٠١٧١ ۱۲۳ १२३":                                  "0171 123 123",
		"030‑9018–2011−1":                               "030-9018-2011-1",
		"+49\u00a030\u202f90":                           "+49 30 90",
		"J&uuml;rgen J&#252;rgen J&#xFC;rgen":           "Jürgen Jürgen Jürgen",
		"J&uumlrgen &ampel;":                            "Jürgen &ampel;",
		"29 ⁄ 02 · 5 • 6":                               "29 / 02 * 5 * 6",
		"ada&#64;acme&period;example ada&#64acme":       "ada@acme.example ada@acme",
		"&amp;#64; &amp;amp;#64;":                       "@ @",
		"ada%40acme.example %2540 J%C3%BCrgen J%FCrgen": "ada@acme.example @ Jürgen Jürgen",
		`J\u00fcrgen J\u{fc}rgen J\xfcrgen J\xc3\xbcrgen J\303\274rgen \ud83d\ude00`: "Jürgen Jürgen Jürgen Jürgen Jürgen 😀",
		"J=C3=BCrgen width=40px Jür=\ngen":                                           "Jürgen width=40px Jürgen",
		"Jür-\n  gen Jür-\r\ngen 5 -\n- a":                                           "Jürgen Jürgen 5 -\n- a",
		"J<b>ür</b>gen a<br>b <!-- x -->c":                                           "Jürgen a<br>b c",
		"ada [at] acme (dot) io, a{@}b(.)c":                                          "ada@acme.io, a@b.c",
		"J\u00c3\u00bcrgen Ã– Ã\u009f â‚¬":                                           "Jürgen Ö ß €",
		"JÜ\u00adRGEN RENÉ’S „JÄ“":                                                   "JÜRGEN RENÉ’S „JÄ“",
		"ﬁn ① x²":                                                                    "fin 1 x2",
		`C:\Users\nina \d+ 50%20off 5%`:                                              `C:\Users\nina \d+ 50 off 5%`,
	} {
		if got := string(f.Read([]byte(in))); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}

// If a word is not changed by folding, Source must return the place of this word in the text.
func TestP10FoldedPartsHaveTheirSource(t *testing.T) {
	f := folded.New()
	for _, noise := range []string{"", "\u00ad", "&uuml;", "%2540", "\\u00fc", "J\u00c3\u00bc", "u\u0308", "ﬁ", "&amp;amp;#64;", "-\nx", "<b>", "１"} {
		text := noise + "|ANCHOR|" + noise + noise + "|SECOND|" + noise
		plain := string(f.Read([]byte(text)))
		for _, word := range []string{"|ANCHOR|", "|SECOND|"} {
			at := strings.Index(plain, word)
			from, to := f.Source(at, at+len(word))
			if got := text[from:to]; got != word {
				t.Errorf("after %q, %q comes from %q", noise, word, got)
			}
		}
	}
}

func TestPlainTextIsNotCopied(t *testing.T) {
	f, text := folded.New(), []byte("Anna Müller, 100 % & Co. (see 5) <br> \\d")
	if got := f.Read(text); &got[0] != &text[0] || len(got) != len(text) {
		t.Errorf("%q became %q", text, got)
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	f, text := folded.New(), []byte("J&uuml;r\u00adgen \\u00fc ada%2540acme [AT] ｅxample <B>x</B> u\u0308 ٠١٧١ Ã¼")
	if n := testing.AllocsPerRun(50, func() { f.Read(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkReadPlain(b *testing.B) {
	text := []byte(strings.Repeat("The parcel (No. 5) arrived at 10:15, and the fee of 12.50 EUR & the rest were paid. ", 12))
	f := folded.New()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f.Read(text)
	}
}

// FuzzRead checks that a folded text is valid, that every part of it has a source, and that the sources are in order.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"J&uuml;rgen", "&#64;&#x40&#", "%40%C3%BC%FC%", `\u00fc\ud83d\ude00\u{fc}\x{fc}\xfc\303\274\`, "a-\n b=\n=C3=BC", "<b>x</b><!-->", " [at] (dot) ", "Ã¼", "u\u0308\u0301", "ﬁ²½ＡＢ", "\u200b\u00ad", "٠१",
		"&amp;amp;amp;amp;amp;amp;amp;#64;", "&lt;b&gt;", "\x01\x7f\u0085", strings.Repeat("\u0301", 40), "가\u11a8", "[\uff20]",
	} {
		f.Add(seed)
	}
	r := folded.New()
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		b := r.Read([]byte(text))
		if !utf8.Valid(b) {
			t.Fatalf("%q became %q", text, b)
		}
		last := 0
		for i := range b {
			from, to := r.Source(i, i+1)
			if from < last || to <= from || to > len(text) {
				t.Fatalf("%q: byte %d of %q came from %d to %d, after %d", text, i, b, from, to, last)
			}
			last = from
		}
	})
}
