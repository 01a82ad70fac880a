package normal

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func form(t interface{ Helper() }, f *Folding, value string) (string, Shape) {
	t.Helper()
	out, s := f.Append(nil, []byte(value))
	return string(out), s
}

func TestNormalForms(t *testing.T) {
	f := NewFolding()
	for _, c := range []struct {
		value, want string
		kind        Kind
	}{
		{"", "", Nothing},
		{" -?! ", "", Nothing},
		{"Anna", "anna", Word},
		{"Anna Schmidt", "annaschmidt", Mixed},
		{"ANNASCHMIDT", "annaschmidt", Word},
		{"Schwarzenegger", "schwarzenegger", Mixed},
		{"Li Wu", "liwu", Word},
		{"anna.schmidt@Example.com", "annaschmidtexamplecom", Mail},
		{"@anna", "anna", Word},
		{"+49 (170) 123-45.67", "491701234567", Digits},
		{"DE89 3704 0044", "de8937040044", Mixed},
		{"Jörg Müßig", "jorgmussig", Mixed},
		{"Jo\u0308rg", "jorg", Word},
		{"Ａｎｎａ　１２", "anna12", Mixed},
		{"An\u00adna\u200b", "anna", Word},
		{"Ærø Łódź", "aerolodz", Mixed},
		{"İstanbul ısı", "istanbulisi", Mixed},
		{"ΟΔΥΣΣΕΎΣ", "οδυσσευσ", Word},
		{"Οδυσσεύς", "οδυσσευσ", Word},
		{"١٢٣٤", "1234", Digits},
		{"ﬁnn", "finn", Word},
		{"王小明", "王小明", Word},
		{"O\u02bcBrien", "obrien", Word},
		{"홍길동", "홍길동", Word},
		{"a\xffb", "ab", Word},
	} {
		got, s := form(t, f, c.value)
		if got != c.want || s.Kind() != c.kind {
			t.Errorf("%q becomes %q of kind %d (%+v), want %q of kind %d", c.value, got, s.Kind(), s, c.want, c.kind)
		}
	}
}

func TestPhoneNumbersAreTold(t *testing.T) {
	f := NewFolding()
	for value, want := range map[string]string{
		"+49 170 1234567":        "701234567",
		"0049 (0)170/123 45 67":  "701234567",
		"0170\u00a01234567":      "701234567",
		"(555) 123-4567":         "551234567",
		"170 1234567":            "",
		"+49 170 1234567 home":   "",
		"0170":                   "",
		"000000000000000000000":  "",
		"+49 ١٧٠ 1234567":        "701234567",
		"0170:1234567":           "",
		"":                       "",
		"0170\u22151234567":      "",
		"\u200b0170 1234567":     "",
		"0170\u200b 1234567":     "701234567",
		"0170\u20131234567":      "701234567",
		"00491701234567":         "701234567",
		"+1.555.123.4567 (home)": "",
	} {
		got, s := f.Append(nil, []byte(value))
		dialled := s.Looks == Dialled
		if dialled != (want != "") || dialled && string(Tail(got)) != want {
			t.Errorf("%q: dialled %v, tail %q, want %q", value, dialled, Tail(got), want)
		}
	}
	if Tail([]byte("12345678")) != nil {
		t.Error("eight digits have a tail of nine")
	}
}

func TestSignificantDigits(t *testing.T) {
	for digits, want := range map[string]int{"": 0, "0": 1, "000": 0, "42": 2, "00042000": 2, "100000001": 9, "012345670": 9, "0001234567": 7, "1000000000": 1} {
		if got := Significant([]byte(digits)); got != want {
			t.Errorf("%q has %d significant digits, want %d", digits, got, want)
		}
	}
}

// letters generates values of the scripts that databases hold.
func letters() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abcxyzäöüßéñçłøåæœABCXYZÄÖÉÑğışŞαβςΣдЖйЁабв0123456789")), 1, 40, -1)
}

func TestSpellingDoesNotMatter(t *testing.T) {
	f := NewFolding()
	rapid.Check(t, func(t *rapid.T) {
		value := letters().Draw(t, "value")
		want, _ := form(t, f, value)
		var apart strings.Builder
		for _, r := range value {
			apart.WriteRune(r)
			if rapid.IntRange(0, 4).Draw(t, "cut") == 0 {
				apart.WriteString(rapid.SampledFrom([]string{" ", "-", ".", "\u00ad", "\u200b", "\u00a0", "/", "'", "’", "\t"}).Draw(t, "separator"))
			}
		}
		for name, other := range map[string]string{
			"upper case": strings.ToUpper(value), "lower case": strings.ToLower(value), "composed": norm.NFC.String(value),
			"decomposed": norm.NFD.String(value), "separators": apart.String(), "full width": wide(value),
			"accents": strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, norm.NFD.String(value)),
		} {
			if got, _ := form(t, f, other); got != want {
				t.Fatalf("%s: %q becomes %q, and %q becomes %q", name, value, want, other, got)
			}
		}
	})
}

// wide writes ASCII letters and digits in full width.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r + 0xfee0
		}
		return r
	}, s)
}

func TestDifferentLettersDiffer(t *testing.T) {
	f := NewFolding()
	plain := rapid.StringMatching(`[a-z0-9αβγδабвг]{1,30}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := plain.Draw(t, "a"), plain.Draw(t, "b")
		left, _ := form(t, f, a)
		right, _ := form(t, f, b)
		if (a == b) != (left == right) {
			t.Fatalf("%q becomes %q, %q becomes %q", a, left, b, right)
		}
	})
}

// The normal form of a normal form is the same form, for any bytes. The same bytes have the same form as a value and as
// a text.
func FuzzNormal(f *testing.F) {
	fold := NewFolding()
	for _, seed := range []string{"Anna", "a\xff", "ﷺ", "½ ㎒", "नमस्ते", "ά", "\u0345", "ŉ", "각", "ṩ", "0170 / 1", "&#x41;%41\\u00e4<b>", "ǰ", "ẞ"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		once, s := fold.Append(nil, value)
		twice, _ := fold.Append(nil, once)
		if !bytes.Equal(once, twice) {
			t.Fatalf("%q becomes %q, and then %q", value, once, twice)
		}
		var text Text
		fold.Split(&text, value)
		if !bytes.Equal(text.Form, once) {
			t.Fatalf("as a text %q, as a value %q", text.Form, once)
		}
		if len(text.Tokens) != s.Tokens {
			t.Fatalf("%q has %d tokens as a text, %d as a value", value, len(text.Tokens), s.Tokens)
		}
		at := uint32(0)
		for i, token := range text.Tokens {
			if token.Start != at || token.End <= token.Start {
				t.Fatalf("token %d is %d to %d, after %d", i, token.Start, token.End, at)
			}
			at = token.End
			if end := text.Dialled(i); end < i || end > len(text.Tokens) {
				t.Fatalf("a number of %d to %d tokens", i, end)
			}
		}
		if int(at) != len(text.Form) {
			t.Fatalf("tokens end at %d of %d", at, len(text.Form))
		}
		Unescape(nil, value)
	})
}

func TestEveryCharacterHasAStableForm(t *testing.T) {
	f := NewFolding()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once, _ := f.Append(nil, []byte(string(r)))
		twice, _ := f.Append(nil, once)
		if !bytes.Equal(once, twice) {
			t.Errorf("%U becomes %q, and then %q", r, once, twice)
		}
	}
}

func TestTokensOfTexts(t *testing.T) {
	f := NewFolding()
	var text Text
	f.Split(&text, []byte("Call 0170 / 123 45 67 or +49 (170) 1234567, on 2024-02-29; 01:02"))
	var got []string
	for i, token := range text.Tokens {
		s := string(text.Form[token.Start:token.End])
		if text.Date(i) {
			s += " date"
		}
		if end := text.Dialled(i); end > i {
			s += " dials " + string(text.Form[token.Start:text.Tokens[end-1].End])
		}
		got = append(got, s)
	}
	const want = "call|0170 dials 01701234567|123|45|67|or|49 dials 491701234567|170 dials 1701234567|1234567|on|2024 date|02|29|01|02"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	f.Split(&text, []byte("王小明 x"))
	if len(text.Tokens) != 4 {
		t.Errorf("%d tokens, want each character of a script without blanks", len(text.Tokens))
	}
}

func TestEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                          "",
		"50 % & more \\ x < y":           "",
		"anna%40example.com":             "anna@example.com",
		"J%C3%B6rg":                      "Jörg",
		"J&ouml;rg &amp; &#252; &#xFC;":  "Jörg & ü ü",
		`J\u00f6rg\n\"x\" \ud83d\ude00`:  `Jörg "x" 😀`,
		"<b>Anna</b> <i class='x'>S</i>": "Anna S",
		"%4":                             "",
		"&#x110000000;":                  "",
		"&;":                             "",
		"&#;":                            "",
		`\u12`:                           "",
		"<3":                             "",
		"<unclosed":                      "",
	} {
		if got := string(Unescape(nil, []byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestNormalFormsCostNoAllocation(t *testing.T) {
	f := NewFolding()
	buf, text := make([]byte, 0, 256), &Text{}
	values := [][]byte{[]byte("anna.schmidt@example.com"), []byte("Jörg Müller Ａ ẞ 王"), []byte("x%40y \\u00e4 <b>")}
	for _, v := range values {
		f.Split(text, v)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, v := range values {
			buf, _ = f.Append(buf[:0], v)
			buf = Unescape(buf[:0], v)
			f.Split(text, v)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkValue(b *testing.B) {
	f := NewFolding()
	for name, v := range map[string]string{"mail": "anna.schmidt@example.com", "name": "Jörg Müller", "phone": "+49 170 1234567", "han": "王小明先生"} {
		b.Run(name, func(b *testing.B) {
			buf, value := make([]byte, 0, 256), []byte(v)
			for b.Loop() {
				buf, _ = f.Append(buf[:0], value)
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	f, text := NewFolding(), &Text{}
	for name, s := range map[string]string{"ascii": "The customer called about invoice 4711, and asked for a copy. ", "german": "Die Kundin bat um Rückruf wegen der Größe, möglichst früh. "} {
		b.Run(name, func(b *testing.B) {
			note := []byte(strings.Repeat(s, 1024/len(s)+1)[:1024])
			b.SetBytes(1024)
			for b.Loop() {
				f.Split(text, note)
			}
		})
	}
}

// BenchmarkWords splits texts of random words. A processor learns a text that repeats itself, and then reads it faster
// than people's texts.
func BenchmarkWords(b *testing.B) {
	f, text := NewFolding(), &Text{}
	words := strings.Fields("The customer called about invoice and asked for a copy of it before Monday because delivery was late again " +
		"although we promised otherwise please check with warehouse on Tuesday or 4711 ticket 12.05. reopened, escalated - no answer")
	r := rand.New(rand.NewPCG(1, 1))
	notes := make([][]byte, 64)
	for i := range notes {
		for len(notes[i]) < 900 {
			notes[i] = append(append(notes[i], words[r.IntN(len(words))]...), ' ')
		}
	}
	b.SetBytes(900)
	for i := 0; b.Loop(); i++ {
		f.Split(text, notes[i%len(notes)])
	}
}
