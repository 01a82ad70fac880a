// Package mask holds the treatments whose results contain a part of the value or a coarser form of the value, and the
// treatment map.
package mask

import (
	"bytes"
	"math"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Mask returns the treatment mask.
func Mask() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "mask",
			Summary: "covers characters of a text and keeps its length",
			Doc: "The mask character covers every character, except `keep_first` characters at the start and `keep_last` characters at the end. With `cover: class`, an upper-case letter becomes X, " +
				"any other letter becomes x, and a digit becomes 0. With `only: digits` or `only: letters`, the other characters stay readable. " +
				"With `separators: keep`, characters that are neither letters nor digits stay readable.\n\n" +
				"At least `least` percent of a value's characters are covered. Separators that stay do not count. If the other parameters cover fewer characters, the mask character covers the whole value. " +
				"The plan refuses a rule that would cover less than `least` percent even of the longest value that the column can hold. With a `least` below 25, the disclosure label is `unchanged`.\n\n" +
				"An empty value stays unchanged. A value that consists of mask characters also stays unchanged. The length stays visible. Characters are Unicode code points.",
			Params: []transform.Param{
				{Name: "keep_first", Type: "integer", Tells: transform.Larger, Default: int64(0), Doc: "number of characters that stay at the start"},
				{Name: "keep_last", Type: "integer", Tells: transform.Larger, Default: int64(0), Doc: "number of characters that stay at the end"},
				{Name: "with", Type: "text", Tells: transform.Neither, Default: "*", Doc: "the mask character, exactly one"},
				{Name: "cover", Type: "character|class", Tells: transform.Larger, Default: "character", Doc: "with class, letters become X or x and digits become 0, so that the shape stays"},
				{Name: "only", Type: "all|digits|letters", Default: "all", Doc: "the characters that are covered"},
				{Name: "separators", Type: "cover|keep", Tells: transform.Larger, Default: "cover", Doc: "cover or keep characters that are neither letters nor digits"},
				{Name: "least", Type: "integer", Tells: transform.Smaller, Default: int64(50), Doc: "the smallest part of a value's characters that must be covered, in percent, 1 to 100"},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They find this person's row among the rows that show the same characters and have the same length. A rare value may be the only one of these rows. For every other person, they read the characters that stay, and the length.",
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_last": int64(4)}}, In: "4111111111111111", Out: "************1111"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1), "keep_last": int64(1)}}, In: "Jörg", Out: "J**g"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_last": int64(4)}}, In: "1234", Out: "****", Note: "fewer than half would be covered"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"cover": "class", "separators": "keep"}}, In: "AC-1007 b/Z", Out: "XX-0000 x/X"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"only": "digits", "least": int64(20)}}, In: "Flat 12, door 3", Out: "Flat **, door *"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "mask", Params: transform.Params{"only": "digits"}}, In: "12 Elm", Out: "******", Note: "digits are fewer than half"},
			},
		},
		Scalar: planMask,
	}
}

// leastCovered is the smallest part of a value, in percent, that must be covered to hide the value.
const leastCovered = 25

func planMask(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	m := mask{first: int(a.Integer("keep_first", 0, 1000)), last: int(a.Integer("keep_last", 0, 1000)), least: int(a.Integer("least", 1, 100))}
	m.class = a.Word("cover", "character", "class") == "class"
	m.keepSeparators = a.Word("separators", "cover", "keep") == "keep"
	only := a.Word("only", "all", "digits", "letters")
	m.keepDigits, m.keepLetters = only == "letters", only == "digits"
	if only != "all" {
		if a.Given("separators") && !m.keepSeparators {
			a.Fail("separators", "cannot be covered with only: %s", only)
		}
		m.keepSeparators = true
	}
	with := a.Text("with")
	r, size := utf8.DecodeRuneInString(with)
	switch {
	case size == 0 || size != len(with) || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.IsMark(r) || r == utf8.RuneError:
		a.Fail("with", "must be exactly one visible character")
	case c.Type.Base == "name" && size > 1:
		a.Fail("with", "must be an ASCII character, because type name counts bytes")
	case c.Type.MaxLen > 0 && !m.enough(c.Type.MaxLen-m.first-m.last, c.Type.MaxLen):
		a.Fail("keep_first", "would together with keep_last leave less than %d percent of the column's %d characters to cover, so every value would be covered whole; keep fewer characters, or lower least", m.least, c.Type.MaxLen)
	}
	m.with, m.padded = []byte(with), c.Type.Padded
	t := transform.Traits{Equality: !c.Type.CaseInsensitive || c.Type.Base == "citext", Space: math.Pow(10, float64(m.first+m.last)), Discloses: treatment.GeneralisedIf(m.least >= leastCovered)}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &m }}, nil
}

type mask struct {
	first, last int // number of characters that stay
	least       int // smallest part of the characters that must be covered, in percent
	with        []byte
	class       bool // letters and digits become X, x, 0
	padded      bool

	keepDigits, keepLetters, keepSeparators bool
}

func (m *mask) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if m.padded {
		in = canon.TrimBlanks(in)
	}
	n := utf8.RuneCount(in)
	if n <= m.first+m.last {
		return m.whole(dst, n), nil
	}
	head, tail := canon.Skip(in, m.first), canon.Skip(in, n-m.last)
	start := len(dst)
	dst = append(dst, in[:head]...)
	dst, kept, separators := m.cover(dst, in[head:tail])
	dst = append(dst, in[tail:]...)
	counted := n - separators
	if !m.enough(counted-m.first-m.last-kept, counted) || bytes.Equal(dst[start:], in) {
		dst = m.whole(dst[:start], n)
	}
	return dst, nil
}

// enough reports whether the covered characters are at least the part of a value's characters that m.least says.
func (m *mask) enough(covered, of int) bool { return covered*100 >= m.least*of }

// cover covers the middle of a value, character by character. It counts the letters and digits that it keeps, and the
// separators that it keeps.
func (m *mask) cover(dst, in []byte) (out []byte, kept, separators int) {
	for len(in) > 0 {
		r, size := utf8.DecodeRune(in)
		letter, digit := unicode.IsLetter(r) || unicode.IsMark(r), unicode.IsDigit(r)
		switch {
		case letter && m.keepLetters, digit && m.keepDigits:
			dst = append(dst, in[:size]...)
			kept++
		case !letter && !digit && m.keepSeparators:
			dst = append(dst, in[:size]...)
			separators++
		case m.class && digit:
			dst = append(dst, '0')
		case m.class && unicode.IsUpper(r):
			dst = append(dst, 'X')
		case m.class && letter:
			dst = append(dst, 'x')
		default:
			dst = append(dst, m.with...)
		}
		in = in[size:]
	}
	return dst, kept, separators
}

func (m *mask) whole(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, m.with...)
	}
	return dst
}
