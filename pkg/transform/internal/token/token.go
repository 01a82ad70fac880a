// Package token holds the treatments that give pseudonyms: tokens, permutations, encrypted values, and identifiers that
// nobody has.
package token

import (
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const (
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	len32      = 26 // 128 bits in base 32
	len62      = 22 // 128 bits in base 62
	tokenSpace = 1 << 128
)

// pseudonym is the beginning of the Learns text of every treatment in this package.
const pseudonym = "They do not see which result belongs to the known value. They may still find this person's row, for example by another column, or because the value is the most frequent one. Then " +
	"they find everybody with the same value, in all columns of the domain. For all other persons, they see which persons have equal values, and how frequent each value is. "

// Token returns the treatment token.
func Token() *treatment.Definition {
	uuid := catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}
	integer := catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "token",
			Summary: "replaces a value by a keyed pseudonym; equal values get equal tokens, and different values get different tokens",
			Doc: "The form of a token depends on the type:\n\n" +
				"- Texts become 26 lower-case letters and digits (128 bits in base 32). In a shorter column that distinguishes case, they become 22 characters of base 62.\n" +
				"- UUIDs become version 4 UUIDs of 122 pseudorandom bits.\n" +
				"- Numbers are permuted within `range`, both limits included. " + decimalsDoc + " A value outside the range stops the refresh.\n\n" +
				"By default, NaN and infinite numerics stay unchanged, as NULL does. The parameter `special` can change this.\n\n" +
				"Key columns with the same domain, range and format can still be joined. By chance, a value may be its own token. The probability is at most 1 in 2^122. For a range, it is 1 divided by the number of values in the range. " +
				"Pseudonyms of people are still personal data.",
			Params: []transform.Param{
				{Name: "range", Type: "range", Tells: transform.Neither, Doc: "for integers and numerics, required: [lowest, highest]"},
				{Name: "prefix", Type: "text", Tells: transform.Neither, Default: "", Doc: "for texts: the start of every token"},
				{Name: "format", Type: "auto|base32|base62", Tells: transform.Neither, Default: "auto", Doc: "for texts: sets the form if the columns of a domain have different lengths"},
				treatment.SpecialParam(),
			},
			Families:  []catalog.Family{catalog.Text, catalog.UUID, catalog.Integer, catalog.Numeric},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "They do not learn any other value. In a numeric without a fixed number of decimals, each value keeps its number of decimals.",
			Preserves: []string{transform.Uniqueness, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "token"}, In: "AC-1007", Out: "fq2zuavcsrlalo3xfpukjxq3ra"},
				{Type: treatment.TextType(24), Use: transform.Use{Treatment: "token"}, In: "AC-1007", Out: "1LQ9oqMySKBaKGkAE6WUWm"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "token", Params: transform.Params{"prefix": "cus_"}}, In: "AC-1007", Out: "cus_fq2zuavcsrlalo3xfpukjxq3ra"},
				{Type: uuid, Use: transform.Use{Treatment: "token"}, In: "7d444840-9dc0-11d1-b245-5ffdce74fad2", Out: "ec74d822-5796-4fec-8af9-55c218c7b098"},
				{Type: integer, Use: transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(1), int64(100000)}}}, In: "4711", Out: "87494"},
			},
		},
		Scalar: planToken,
	}
}

func planToken(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: "token depends on the value and cannot use the row's subject; a token per subject would not be unique"}
	}
	if c.Type.Family == catalog.Integer || c.Type.Family == catalog.Numeric {
		a.Unused("prefix", c)
		a.Unused("format", c)
		return planPermuted(c, u, a, "token")
	}
	a.Unused("range", c)
	p := treatment.ScalarPlan{
		Traits: transform.Traits{Unique: true, Equality: true, Space: tokenSpace, Discloses: transform.Pseudonymised},
		Seed:   "token",
	}
	if c.Type.Family == catalog.UUID {
		a.Unused("prefix", c)
		a.Unused("format", c)
		p.Traits.Space = 1 << 122
		p.Build = func(transform.Keys) treatment.Scalar { return uuidToken{} }
		return p, nil
	}
	return planTextToken(c, a, p)
}

func planTextToken(c transform.Column, a *treatment.Args, p treatment.ScalarPlan) (treatment.ScalarPlan, error) {
	prefix, format := a.Text("prefix"), a.Word("format", "auto", "base32", "base62")
	room := c.Type.MaxLen
	if room == 0 {
		room = math.MaxInt
	}
	before := utf8.RuneCountInString(prefix)
	if c.Type.Base == "name" {
		before = len(prefix)
	}
	if !utf8.ValidString(prefix) || len(prefix) != 0 && prefix[0] == 0 {
		a.Fail("prefix", "is not a text that PostgreSQL can hold")
	}
	if format == "auto" {
		format = "base32"
		if before+len32 > room && !c.Type.CaseInsensitive {
			format = "base62"
		}
	}
	need := before + map[string]int{"base32": len32, "base62": len62}[format]
	switch {
	case format == "base62" && c.Type.CaseInsensitive:
		a.Fail("format", "base62 distinguishes upper and lower case, but the column ignores case; use base32")
	case need < c.Type.MinLen:
		a.Fail("treat", "token gives %d characters, but a CHECK constraint of the column demands %d; use a prefix that is %d characters longer, or permute", need, c.Type.MinLen, c.Type.MinLen-need)
	case need > room:
		a.Fail("treat", "token needs %d characters, but the column holds %d; use permute, which keeps the length and gives different values different results, or a treatment that need not be unique", need, room)
	}
	p.Traits.Shape = format
	if format == "base62" {
		p.Build = func(transform.Keys) treatment.Scalar { return token62(prefix) }
	} else {
		p.Build = func(transform.Keys) treatment.Scalar { return token32(prefix) }
	}
	return p, nil
}

// token32 and token62 hold the prefix of their tokens.
type (
	token32   string
	token62   string
	uuidToken struct{}
)

func (prefix token32) Append(dst, _ []byte, seed *transform.Seed) ([]byte, error) {
	dst = append(dst, prefix...)
	hi, lo := draw.Halves(seed)
	for range len32 {
		dst = append(dst, draw.Base32[hi>>59])
		hi, lo = hi<<5|lo>>59, lo<<5
	}
	return dst, nil
}

func (prefix token62) Append(dst, _ []byte, seed *transform.Seed) ([]byte, error) {
	dst = append(dst, prefix...)
	hi, lo := draw.Halves(seed)
	var digits [len62]byte
	for i := len(digits) - 1; i >= 0; i-- {
		var r uint64
		hi, r = hi/62, hi%62
		lo, r = bits.Div64(r, lo, 62)
		digits[i] = base62[r]
	}
	return append(dst, digits[:]...), nil
}

// Append appends a UUID with version 4 and the variant of RFC 9562. The other 122 bits come from the seed.
func (uuidToken) Append(dst, _ []byte, seed *transform.Seed) ([]byte, error) {
	const hex = "0123456789abcdef"
	for i, b := range seed {
		switch i {
		case 4, 8, 10:
			dst = append(dst, '-')
		}
		switch i {
		case 6:
			b = b&0x0f | 0x40
		case 8:
			b = b&0x3f | 0x80
		}
		if i == 6 {
			dst = append(dst, '-')
		}
		dst = append(dst, hex[b>>4], hex[b&15])
	}
	return dst, nil
}
