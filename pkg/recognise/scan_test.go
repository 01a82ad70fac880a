package recognise_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise"
)

func Example() {
	text := "Ada <ada@acme.io> paid with 4111 1111 1111 1111 on 29 February 2024"
	scan := recognise.New(recognise.Kinds(), nil)
	scan.Start([]byte(text))
	for m, ok := scan.Next(); ok; m, ok = scan.Next() {
		fmt.Printf("%s: %s\n", m.Kind, text[m.Start:m.End])
	}
	// Output:
	// email: ada@acme.io
	// pan: 4111 1111 1111 1111
	// date: 29 February 2024
}

func ExampleScanner_Kinds() {
	scan := recognise.New([]recognise.Kind{recognise.Email, recognise.IBAN}, nil)
	fmt.Println(scan.Kinds("DE89 3704 0044 0532 0130 00, or ask ada@acme.io"))
	// Output: [email iban]
}

// Recognition finds the patterns that scrub replaces in any text, also in texts without a treatment, such as
// definitions.
func TestL8PatternsAreRecognised(t *testing.T) {
	r := recognise.New(recognise.Kinds(), nil)
	for text, want := range map[string][]recognise.Kind{
		"":                                 nil,
		"the woman from flat 3":            nil,
		"ask ada@acme.io about it":         {recognise.Email},
		"4111 1111 1111 1111":              {recognise.PAN},
		"DE89 3704 0044 0532 0130 00":      {recognise.IBAN},
		"call +1 212 867 5309":             {recognise.Phone},
		"ada@acme.io, 4111111111111111":    {recognise.Email, recognise.PAN},
		"4111111111111111 or ada@acme.io":  {recognise.Email, recognise.PAN},
		"'ünï' || 'ada@acme.io'":           {recognise.Email},
		"\xff\xfe ada@acme.io":             {recognise.Email},
		"email ~ '^[^@]+@[^@]+[.][a-z]+$'": nil,
	} {
		if got := r.Kinds(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestWhichIDsAreCertain(t *testing.T) {
	for text, want := range map[string]bool{
		"123-45-6789": true, "000-45-6789": false, "123456789": false, "12345678Z": true, "12345678A": false, "X1234567L": true,
		"529.982.247-25": true, "529.982.247-26": false, "756.9217.0769.85": true, "756.9217.0769.84": false, "255081416802538": true,
		"RSSMRA85T10A562S": true, "RSSMRA85T10A562T": false, "R-1234567": false, "AB123456C": false, "": false, strings.Repeat("1", 60): false,
	} {
		if got := recognise.IDIsCertain([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// samples returns texts by kind. Each text is a single match.
func samples() map[recognise.Kind][]string {
	return map[recognise.Kind][]string{
		recognise.Email:  {"ada@acme.io", "ada@localhost", `"ada l"@acme.io`, "ada@[192.0.2.1]", "jörg@müller.de", "ada.lovelace at acme dot io", "ada @ acme.example"},
		recognise.URL:    {"https://acme.io/ada?x=1", "www.acme.io", "acme.io/ada", "ada-lovelace.de/impressum"},
		recognise.UUID:   {"7d444840-9dc0-11d1-b245-5ffdce74fad2"},
		recognise.MAC:    {"aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF", "aabb.ccdd.eeff", "aa:bb:cc:dd:ee:ff:00:11"},
		recognise.IP:     {"10.1.2.3", "fe80::1", "::ffff:10.1.2.3", "2001:db8:0:0:0:0:2:1"},
		recognise.Date:   {"2024-02-29", "29.2.2024", "2/29/2024", "29 February 2024", "Feb 29, 2024", "29th Feb 2024", "29. Februar 2024", "29 de febrero de 2024", "12 stycznia 1999", "29-Feb-2024", "29 02 1984", "1984:02:29", "1984年2月29日", "1984년 2월 29일", "1984. február 29", "29 февраля 1984", "29. helmikuuta 1984"},
		recognise.PAN:    {"4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "4111*1111*1111*1111"},
		recognise.IBAN:   {"DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32"},
		recognise.Phone:  {"+49 30 1234567", "(212) 555-0199", "212-555-0199", "030 1234567", "06 12 34 56 78", "555-0199", "+1 (212) 555-0199", "0171/1234567", "0171,234,567", "030 / 9018 2011", "+49-(0)30-9018-2011", "030.90182011", "O171 2345678"},
		recognise.Secret: {"sk_live_abcdefgh12345678", "ghp_abcdefghijklmnop", "d41d8cd98f00b204e9800998ecf8427e", "YWRhLmxvdmVsYWNlQGFjbWUuaW8=", "6164612e6c6f76656c6163654061636d652e696f"},
		recognise.Number: {"123456", "AC1234567", "123-456-789", strings.Repeat("1234567890", 5)},
		recognise.Handle: {"@ada_lovelace", "@adalovelace"},
		recognise.Address: {
			"Lindenstr. 12, 10115 Berlin", "Berliner Straße 5a", "12 Linden Road, Springfield, IL 62704", "12 rue de la Paix, 75002 Paris", "Via Roma 12, 00184 Roma", "Keizersgracht 117",
			"SW1A 1AA", "K1A 0B1", "NY 10001-1234", "D-10115 Berlin", "avenue Foch 3", "Calle Mayor 12",
		},
		recognise.Coordinates: {"52.520008, 13.404954", "52.5200° N, 13.4050° E", "52°31'12\"N 13°24'18\"E"},
		recognise.NationalID: {
			"123-45-6789", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "AB123456C", "AB 12 34 56 C", "111.444.777-35", "756.9217.0769.85", "131052-308T", "12.345.678-Z", "85.07.30-033.28", "RSS MRA 85T10 A562S", "123.45.6789",
		},
	}
}

func TestEachKindMatchesItsWholeText(t *testing.T) {
	all := recognise.New(recognise.Kinds(), nil)
	for kind, list := range samples() {
		alone := recognise.New([]recognise.Kind{kind}, nil)
		for _, sample := range list {
			for _, scan := range []*recognise.Scanner{all, alone} {
				scan.Start([]byte("see " + sample + ", please"))
				m, ok := scan.Next()
				if want := (recognise.Span{Start: 4, End: 4 + len(sample)}); !ok || m.Kind != kind || m.Span != want {
					t.Errorf("%s %q: found %v %+v %v", kind, sample, m.Kind, m.Span, ok)
				}
				if m, ok := scan.Next(); ok {
					t.Errorf("%s %q: found %v again", kind, sample, m)
				}
			}
		}
	}
}

func TestOtherTextsDoNotMatch(t *testing.T) {
	r := recognise.New(recognise.Kinds(), nil)
	for _, text := range []string{
		"", "The order was late.", "10:15 on the 3rd floor, 5 of 12345", "2023/2024", "v1.2.3", "a@ b", "@home", "std::string", "10:15:30", "1.50 EUR", "e.g. and/or",
		"30.02.2024 ", "29 February 2023", "10.1.2.300", "1234-56-7890 1", "4111 1111 1111 1112",
	} {
		for _, k := range r.Kinds(text) {
			if k != recognise.Number && k != recognise.Phone { // digits in the form of another kind, with a wrong check digit
				t.Errorf("%q: found %s", text, k)
			}
		}
	}
}

// A local part has at most 64 characters. Therefore an address may begin within a word. In this test, it begins within
// 29th.
func TestAnAddressMayBeginWithinAWord(t *testing.T) {
	scan := recognise.New(recognise.Kinds(), nil)
	if got := scan.Kinds("29th." + strings.Repeat("a.", 30) + "aa@acme.io"); !slices.Equal(got, []recognise.Kind{recognise.Email}) {
		t.Errorf("found %v", got)
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	scan, text := recognise.New(recognise.Kinds(), nil), []byte("Ada")
	for _, list := range samples() {
		text = append(append(text, ' '), strings.Join(list, ", ")...)
	}
	if n := testing.AllocsPerRun(50, func() {
		scan.Start(text)
		for _, ok := scan.Next(); ok; _, ok = scan.Next() {
			scan.SkipWord()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzKinds(f *testing.F) {
	f.Add("ada@acme.io 4111111111111111 +1 (212) 867-5309 :: 29T10")
	f.Add("29th." + strings.Repeat("a.", 30) + "aa@acme.io")
	for _, list := range samples() {
		f.Add(strings.Join(list, " "))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := recognise.New(recognise.Kinds(), nil)
		if first := r.Kinds(text); !slices.Equal(first, r.Kinds(text)) {
			t.Errorf("a second scan gives other kinds")
		}
	})
}

// FuzzMatches checks that matches lie within the text, are in order and do not overlap.
func FuzzMatches(f *testing.F) {
	for _, seed := range []string{
		"(((+(1", "1-1-1-1-1-1-1-1-1-1-1-1-1-1", "::::1:1::", "29th of 2/29/84 Feb 29, 2024", "a@b@c@[", `"@x`, "www.", "://", "eyJ.eyJ.", "AB 12 34 56 C", strings.Repeat("1 ", 40),
		"J&uuml;rgen%40acme&#46;io", "password: \\u0061b%63", "a at b dot c", "12 Linden Road, NY 10001", "52°31'12\"N, 13.4°E", "@ada_l /home/ada/", "1984年2月29日 1984. február 29.", "the first of May nineteen eighty",
	} {
		f.Add(seed)
	}
	r := recognise.New(recognise.Kinds(), nil)
	f.Fuzz(func(t *testing.T, text string) {
		b := recognise.AppendValid(nil, []byte(text))
		r.Start(b)
		at, from := 0, 0
		for m, ok := r.Next(); ok; m, ok = r.Next() {
			if m.Start < at || m.End <= m.Start || m.End > len(r.Text()) || !utf8.Valid(r.Text()[m.Start:m.End]) {
				t.Fatalf("%q: %+v after %d", b, m, at)
			}
			source := r.Source(m.Span)
			if source.Start < from || source.End <= source.Start || source.End > len(b) || !utf8.Valid(b[source.Start:source.End]) {
				t.Fatalf("%q: %+v comes from %+v after %d", b, m, source, from)
			}
			at, from = m.End, source.Start
		}
	})
}
