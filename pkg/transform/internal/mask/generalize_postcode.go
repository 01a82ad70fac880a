package mask

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Postcode returns the treatment generalize.postcode.
func Postcode() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.postcode",
			Summary: "keeps the first letters and digits of a postcode",
			Doc: "The first `prefix` letters and digits stay. In the rest, digits become 0, letters become X, and blanks and hyphens stay. With `rest: cut`, the rest is removed.\n\n" +
				"In two cases, the whole value is zeroed, including blanks and hyphens. In the first case, the value is no longer than the part that would stay. In the second case, the value begins with a prefix listed in `sparse`. " +
				"In `sparse`, list the prefixes of areas with so few people that the prefix alone may identify a person. HIPAA's safe harbour allows three digits, and requires 000 for areas with 20,000 people or fewer. " +
				"The list of these areas comes from the census. Masker does not contain it.\n\n" +
				"A value that is not a postcode is treated in the same way. Characters other than ASCII letters and digits become X. A value that already ends in zeros of this kind stays unchanged. With a `prefix` above 4, the disclosure label is `unchanged`.",
			Params: []transform.Param{
				{Name: "prefix", Type: "integer", Tells: transform.Larger, Default: int64(3), Doc: "number of letters and digits that stay, 1 to 6"},
				{Name: "rest", Type: "zero|cut", Tells: transform.Neither, Default: "zero", Doc: "fill the rest with zeros, or remove it"},
				{Name: "sparse", Type: "list", Doc: `prefixes of areas with few people: ["036", "059"]`},
			},
			Families:  []catalog.Family{catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They find this person's row among the rows of the same area. For every other person, they read the first characters of the postcode, unless the area is listed in `sparse`.",
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
	t := transform.Traits{Equality: !c.Type.CaseInsensitive || c.Type.Base == "citext", Space: 1000, Discloses: treatment.GeneralisedIf(p.keep <= areaPrefix)}
	return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &p }}, nil
}

// areaPrefix is the length of the longest prefix that counts as an area. Most countries have postcodes of five digits
// or fewer.
const areaPrefix = 4

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

// prefix returns the end of the part that stays. The result known is false if no part may stay.
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

// zeroed appends 0 for each digit and X for each other character. If separators is true, blanks and hyphens stay.
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

// zeroedOthers appends letters, digits, blanks and hyphens unchanged, and X for each other character.
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
