package mask

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Postcode is the treatment generalize.postcode.
func Postcode() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.postcode",
			Summary: "keeps the first letters and digits of a postcode",
			Doc: "After the first `prefix` letters and digits the rest is zeroed: digits become 0, letters X, blanks and hyphens stay; with rest: cut nothing follows. " +
				"A value no longer than what is kept is zeroed whole, blanks and hyphens too, and so is one that begins with a prefix listed in `sparse`: areas with so few people " +
				"that even the prefix tells who it is (HIPAA's safe harbour wants three digits kept, and 000 where 20,000 people or fewer live; the list is the census's, so it is not built in). " +
				"What is no postcode is treated the same, anything but ASCII letters and digits becoming X. A value that already ends in such zeros comes out as it went in.",
			Params: []transform.Param{
				{Name: "prefix", Type: "integer", Default: int64(3), Doc: "letters and digits that remain, 1 to 6"},
				{Name: "rest", Type: "zero|cut", Default: "zero", Doc: "what becomes of the rest"},
				{Name: "sparse", Type: "list", Doc: `prefixes of areas with few people: ["036", "059"]`},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Generalised,
			Preserves: []string{transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.postcode"}, In: "10437", Out: "10400"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.postcode"}, In: "SW1A 2AA", Out: "SW1X 0XX"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.postcode", Params: transform.Params{"prefix": int64(2), "rest": "cut"}}, In: "75008", Out: "75"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.postcode", Params: transform.Params{"sparse": []any{"036"}}}, In: "03601", Out: "00000"},
			},
		},
		Scalar: planPostcode,
	}
}

func planPostcode(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	p := postcode{keep: int(a.Integer("prefix", 1, 6)), cut: a.Word("rest", "zero", "cut") == "cut", padded: c.Type.Padded}
	if a.Given("sparse") {
		list, ok := a.Value("sparse").([]any)
		for _, entry := range list {
			s, text := entry.(string)
			if !text || s == "" || len(s) > p.keep || !canon.IsASCII(s) {
				ok = false
			}
			p.sparse = append(p.sparse, strings.ToUpper(s))
		}
		if !ok {
			a.Fail("sparse", "must be a list of quoted prefixes of at most %d characters", p.keep)
		}
	}
	t := transform.Traits{Equality: !c.Type.CaseInsensitive || c.Type.Base == "citext", Space: 1000, Discloses: transform.Generalised}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &p }}, nil
}

type postcode struct {
	keep   int
	cut    bool
	padded bool
	sparse []string
}

func (p *postcode) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if p.padded {
		in = canon.TrimBlanks(in)
	}
	end, known := p.prefix(in)
	if !known {
		return zeroed(dst, in, false), nil
	}
	dst = zeroedOthers(dst, in[:end])
	if p.cut {
		return dst, nil
	}
	return zeroed(dst, in[end:], true), nil
}

// prefix is where the kept part ends; known is false where nothing may be kept.
func (p *postcode) prefix(in []byte) (end int, known bool) {
	var kept [6]byte
	n := 0
	for ; end < len(in) && n < p.keep; end++ {
		if c := in[end]; asciiAlnum(c) {
			kept[n] = c &^ ('a' - 'A')
			if c <= '9' {
				kept[n] = c
			}
			n++
		}
	}
	if n < p.keep || end == len(in) {
		return 0, false
	}
	for _, s := range p.sparse {
		if string(kept[:len(s)]) == s {
			return 0, false
		}
	}
	return end, true
}

// zeroed writes 0 for digits and X for letters; of the rest, blanks and hyphens stay where they may, all else is X.
func zeroed(dst, in []byte, separators bool) []byte {
	for len(in) > 0 {
		_, size := utf8.DecodeRune(in)
		switch c := in[0]; {
		case '0' <= c && c <= '9':
			dst = append(dst, '0')
		case separators && (c == ' ' || c == '-'):
			dst = append(dst, c)
		default:
			dst = append(dst, 'X')
		}
		in = in[size:]
	}
	return dst
}

// zeroedOthers keeps letters, digits, blanks and hyphens.
func zeroedOthers(dst, in []byte) []byte {
	for len(in) > 0 {
		_, size := utf8.DecodeRune(in)
		if c := in[0]; asciiAlnum(c) || c == ' ' || c == '-' {
			dst = append(dst, c)
		} else {
			dst = append(dst, 'X')
		}
		in = in[size:]
	}
	return dst
}

func asciiAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
