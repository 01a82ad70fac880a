package transform

import (
	"fmt"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

const (
	base62     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	len32      = 26 // 128 bits in base 32
	len62      = 22 // 128 bits in base 62
	tokenSpace = 1 << 128
)

func tokenSpec() *definition {
	uuid := catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}
	integer := catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32}
	return &definition{
		Spec: Spec{
			Name:    "token",
			Summary: "replaces a value by a keyed pseudonym: equal values, equal tokens; different values, different tokens",
			Doc: "Texts become 26 lower-case letters and digits (128 bits in base 32); where the column is shorter and tells case " +
				"apart, 22 of base 62. UUIDs become version 4 UUIDs of 122 pseudorandom bits. Integers and whole numerics are " +
				"permuted within range, both ends included; a value outside stops the refresh. Keys treated with the same " +
				"domain (and range, and format) still join. A value may be its own token by chance: 2^-122, or 1 in the size of the range. " +
				"Pseudonyms of people are still personal data.",
			Params: []Param{
				{Name: "range", Type: "range", Doc: "of integers and numerics, required there: [lowest, highest]"},
				{Name: "prefix", Type: "text", Default: "", Doc: "of texts: stands before the token"},
				{Name: "format", Type: "auto|base32|base62", Default: "auto", Doc: "of texts: fixes the form where columns of one domain differ in length"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.UUID, catalog.Integer, catalog.Numeric},
			Discloses: Pseudonymised,
			Preserves: []string{Uniqueness, Equality},
			Examples: []Example{
				{Type: textType(0), Use: Use{Treatment: "token"}, In: "AC-1007", Out: "fq2zuavcsrlalo3xfpukjxq3ra"},
				{Type: textType(24), Use: Use{Treatment: "token"}, In: "AC-1007", Out: "1LQ9oqMySKBaKGkAE6WUWm"},
				{Type: textType(0), Use: Use{Treatment: "token", Params: Params{"prefix": "cus_"}}, In: "AC-1007", Out: "cus_fq2zuavcsrlalo3xfpukjxq3ra"},
				{Type: uuid, Use: Use{Treatment: "token"}, In: "7d444840-9dc0-11d1-b245-5ffdce74fad2", Out: "ec74d822-5796-4fec-8af9-55c218c7b098"},
				{Type: integer, Use: Use{Treatment: "token", Params: Params{"range": []any{int64(1), int64(100000)}}}, In: "4711", Out: "87494"},
			},
		},
		scalar: planToken,
	}
}

func planToken(c Column, u Use, a *args) (scalarPlan, error) {
	if u.Subject != "" {
		return scalarPlan{}, &ParamError{"subject", "token follows the value, not the row's subject; a token per subject would not be unique"}
	}
	if c.Type.Family == catalog.Integer || c.Type.Family == catalog.Numeric {
		a.unused("prefix", c)
		a.unused("format", c)
		return planPermuted(c, u, a, "token")
	}
	a.unused("range", c)
	p := scalarPlan{
		traits: Traits{Unique: true, Equality: true, Space: tokenSpace, Discloses: Pseudonymised},
		seed:   "token",
	}
	if c.Type.Family == catalog.UUID {
		a.unused("prefix", c)
		a.unused("format", c)
		p.traits.Space = 1 << 122
		p.build = func(Keys) scalar { return uuidToken{} }
		return p, nil
	}
	return planTextToken(c, a, p)
}

func planTextToken(c Column, a *args, p scalarPlan) (scalarPlan, error) {
	prefix, format := a.text("prefix"), a.word("format", "auto", "base32", "base62")
	room := c.Type.MaxLen
	if room == 0 {
		room = math.MaxInt
	}
	before := utf8.RuneCountInString(prefix)
	if c.Type.Base == "name" {
		before = len(prefix)
	}
	if !utf8.ValidString(prefix) || len(prefix) != 0 && prefix[0] == 0 {
		a.fail("prefix", "is not a text PostgreSQL can hold")
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
		a.fail("format", "base62 tells upper from lower case, the column does not; use base32")
	case need > room:
		a.fail("treat", "token needs %d characters, the column holds %d; widen it, or use a treatment that need not be unique", need, room)
	}
	p.traits.Shape = format
	if format == "base62" {
		p.build = func(Keys) scalar { return token62(prefix) }
	} else {
		p.build = func(Keys) scalar { return token32(prefix) }
	}
	return p, nil
}

// token32 and token62 hold their prefix.
type (
	token32   string
	token62   string
	uuidToken struct{}
)

func (prefix token32) append(dst, _ []byte, seed *Seed) ([]byte, error) {
	dst = append(dst, prefix...)
	hi, lo := halves(seed)
	for range len32 {
		dst = append(dst, base32[hi>>59])
		hi, lo = hi<<5|lo>>59, lo<<5
	}
	return dst, nil
}

func (prefix token62) append(dst, _ []byte, seed *Seed) ([]byte, error) {
	dst = append(dst, prefix...)
	hi, lo := halves(seed)
	var digits [len62]byte
	for i := len(digits) - 1; i >= 0; i-- {
		var r uint64
		hi, r = hi/62, hi%62
		lo, r = bits.Div64(r, lo, 62)
		digits[i] = base62[r]
	}
	return append(dst, digits[:]...), nil
}

// append writes RFC 9562's version 4 and variant: 122 bits are the seed's.
func (uuidToken) append(dst, _ []byte, seed *Seed) ([]byte, error) {
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

// planPermuted is a permutation of the whole numbers of a range. family keeps the treatments that share it apart.
func planPermuted(c Column, u Use, a *args, family string) (scalarPlan, error) {
	if !a.given("range") {
		a.fail("range", "a column of numbers needs it: [lowest, highest] of the values there can be, both included")
		return scalarPlan{}, nil
	}
	lo, hi := a.interval("range")
	least, most := bounds(c.Type)
	if lo < least || hi > most {
		a.fail("range", "leaves the type %s, which holds %d to %d", typeName(c), least, most)
	}
	if lo == math.MinInt64 && hi == math.MaxInt64 {
		a.fail("range", "covers every 64-bit number; leave one out")
	}
	n := uint64(hi) - uint64(lo) + 1
	return scalarPlan{
		traits: Traits{Unique: true, Equality: true, Space: float64(n), Discloses: Pseudonymised, Shape: fmt.Sprintf("range %d..%d", lo, hi)},
		build: func(k Keys) scalar {
			return &permuted{lo: lo, n: n, perm: k.Permutation(ownDomain(u, family), n), scale: max(c.Type.Scale, 0)}
		},
	}, nil
}

// permuted moves whole numbers about within [lo, lo+n).
type permuted struct {
	lo    int64
	n     uint64
	perm  Permutation
	scale int // decimals the type writes
}

func (p *permuted) append(dst, in []byte, _ *Seed) ([]byte, error) {
	v, ok := parseWhole(in)
	if !ok {
		return dst, errNotInteger()
	}
	x := uint64(v) - uint64(p.lo)
	if v < p.lo || x >= p.n {
		return dst, errOutOfRange()
	}
	dst = appendInt(dst, int64(uint64(p.lo)+p.perm.Apply(x)))
	if p.scale > 0 {
		dst = append(dst, '.')
		for range p.scale {
			dst = append(dst, '0')
		}
	}
	return dst, nil
}

func errOutOfRange() error {
	return &Error{"out-of-range", "the value lies outside the treatment's range; widen range, which changes every result of the domain"}
}

func errNotInteger() error {
	return &Error{"not-an-integer", "the value is not a whole number; token permutes whole numbers only, use another treatment"}
}
