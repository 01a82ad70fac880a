package scrub_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// disguise changes a text in which scrub must still find the name: it changes the spelling, adds characters around the
// name, or writes one character as a code. The argument at selects the character, or is the number that is added.
type disguise struct {
	name string
	of   func(text string, at int) string
}

// spellings returns the disguises that change the letters of a name.
func spellings() []disguise {
	return []disguise{
		{"as it is", func(s string, _ int) string { return s }},
		{"capitals", func(s string, _ int) string { return strings.ToUpper(s) }},
		{"small letters", func(s string, _ int) string { return strings.ToLower(s) }},
		{"no accents", func(s string, _ int) string { return bare(s) }},
		{"NFD", func(s string, _ int) string { return norm.NFD.String(s) }},
		{"full width", fullWidth},
		{"Cyrillic letter", func(s string, _ int) string { return strings.NewReplacer("a", "а", "e", "е", "o", "о").Replace(s) }},
	}
}

// surroundings returns the disguises that add characters before or after a name, in the same word.
func surroundings() []disguise {
	return []disguise{
		{"alone", func(s string, _ int) string { return s }},
		{"digits after", func(s string, at int) string { return s + strconv.Itoa(at) }},
		{"digits before", func(s string, at int) string { return strconv.Itoa(at) + s }},
		{"possessive", func(s string, _ int) string { return s + "'s" }},
		{"genitive", func(s string, _ int) string { return s + "s" }},
		{"diminutive", func(s string, _ int) string { return s + "chen" }},
		{"another name", func(s string, _ int) string { return s + "Lüdenscheidt" }},
		{"quotes", func(s string, _ int) string { return "„" + s + "“" }},
		{"underscores", func(s string, _ int) string { return "x_" + s + "_1" }},
	}
}

// codes returns the disguises that encode one of the characters, or put characters before it that a reader ignores,
// such as a soft hyphen or a tag.
func codes() []disguise {
	return []disguise{
		{"nothing", func(s string, _ int) string { return s }},
		{"soft hyphen", before("\u00ad")},
		{"zero width", before("\u200b")},
		{"joiner", before("\u2060")},
		{"line break", before("-\n")},
		{"CRLF", before("-\r\n  ")},
		{"tag", before("<b>")},
		{"soft line break", before("=\n")},
		{"entity", escaped(func(r rune) string { return fmt.Sprintf("&#%d;", r) })},
		{"hex entity", escaped(func(r rune) string { return fmt.Sprintf("&#x%X;", r) })},
		{"entity twice", escaped(func(r rune) string { return fmt.Sprintf("&amp;#%d;", r) })},
		{"percent", escaped(percent)},
		{"percent twice", escaped(func(r rune) string { return strings.ReplaceAll(percent(r), "%", "%25") })},
		{"JSON", escaped(func(r rune) string { return strings.Trim(strconv.QuoteToASCII(string(r)), `"`) })},
		{"unicode escape", escaped(func(r rune) string { return fmt.Sprintf(`\u%04x`, r) })},
	}
}

// fullWidth replaces ASCII characters by the full-width characters of East Asia.
func fullWidth(s string, _ int) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

// before returns a function that puts a text, the argument noise, between two letters of a text.
func before(noise string) func(string, int) string {
	return func(s string, at int) string {
		list := []rune(s)
		at = 1 + at%(len(list)-1)
		if !unicode.IsLetter(list[at]) || !unicode.IsLetter(list[at-1]) {
			return s
		}
		return string(list[:at]) + noise + string(list[at:])
	}
}

func escaped(code func(rune) string) func(string, int) string {
	return func(s string, at int) string {
		list := []rune(s)
		at %= len(list)
		return string(list[:at]) + code(list[at]) + string(list[at+1:])
	}
}

func percent(r rune) string {
	var b strings.Builder
	for _, c := range []byte(string(r)) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// decoded decodes all escapes of a text, and removes all invisible characters. It does not use the code of scrub.
func decoded(s string) string {
	escape := regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)
	noise := regexp.MustCompile("<[^>]*>|=\r?\n|-\r?\n *|[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
	for range 4 {
		s = html.UnescapeString(s)
		if plain, err := url.PathUnescape(s); err == nil && utf8.ValidString(plain) {
			s = plain
		}
		s = escape.ReplaceAllStringFunc(s, func(e string) string {
			r, _ := strconv.ParseInt(e[2:], 16, 32)
			return string(rune(r))
		})
		s = noise.ReplaceAllString(s, "")
	}
	return bare(strings.NewReplacer("а", "a", "е", "e", "о", "o").Replace(strings.ToLower(norm.NFKC.String(s))))
}

// bare removes the accents from a text.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// The treatment scrub finds a name of the row in every disguise, and in every combination of a spelling, a surrounding
// and a code.
func TestP10NamesAreFoundInEveryDisguise(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil, "Jürgen", "Kyle", "Müller-Lüdenscheidt", "Perkins", "Zoë", "Bob")
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom([]string{"Jürgen", "Müller", "Zoë", "Lüdenscheidt"}).Draw(r, "name")
		at := rapid.IntRange(0, 99).Draw(r, "at")
		text := name
		for _, list := range [][]disguise{spellings(), surroundings(), codes()} {
			d := list[rapid.IntRange(0, len(list)-1).Draw(r, "disguise")]
			r.Log(d.name)
			text = d.of(text, at)
		}
		text = rapid.SampledFrom([]string{"", "Hallo ", "(", "a/", "\n", "x "}).Draw(r, "before") + text + rapid.SampledFrom([]string{"", " kam", ")", ".", "\nx", "/b"}).Draw(r, "after")
		if got := s.run(t, text); strings.Contains(decoded(got), strings.ToLower(bare(name))) {
			r.Fatalf("%q became %q", text, got)
		}
	})
}

// The treatment scrub finds an e-mail address in every disguise, even if no column of the row contains the address.
func TestP10AddressesAreFoundInEveryDisguise(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil)
	signs := []string{"@", " @ ", "@\n", "＠", "&#64;", "&commat;", "%40", "%2540", `\u0040`, " [at] ", "(at)", "{@}", " AT ", "\u200b@", "@\u2060"}
	rapid.Check(t, func(r *rapid.T) {
		local := rapid.SampledFrom([]string{"ada.lovelace", "a_lovelace", "lovelace1815"}).Draw(r, "local")
		spelt := rapid.SampledFrom([]disguise{{"as it is", func(s string, _ int) string { return s }}, {"capitals", func(s string, _ int) string { return strings.ToUpper(s) }}, {"full width", fullWidth}}).Draw(r, "spelling")
		list := codes()
		code := list[rapid.IntRange(0, len(list)-1).Draw(r, "code")]
		at := rapid.IntRange(0, 99).Draw(r, "at")
		text := code.of(spelt.of(local, 0), at) + rapid.SampledFrom(signs).Draw(r, "sign") + "acme.example"
		text = rapid.SampledFrom([]string{"", "mail ", "(", "mailto:", "\n", `"`}).Draw(r, "before") + text + rapid.SampledFrom([]string{"", " now", ")", ".", "\nx", `"`}).Draw(r, "after")
		if got := s.run(t, text); strings.Contains(decoded(got), "lovelace") {
			r.Fatalf("%q became %q", text, got)
		}
	})
}
