package token

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const (
	decimals = "0123456789"
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	format   = "format"
	hexText  = "0123456789abcdef"
)

// Permute returns the treatment permute.
func Permute() *treatment.Definition {
	text := func(in, out string, p transform.Params) transform.Example {
		return transform.Example{Type: treatment.TextType(0), Use: transform.Use{Treatment: "permute", Params: p}, In: in, Out: out}
	}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "permute",
			Summary: "replaces a value by another value of the same form, one to one",
			Doc: "The form of a value depends on its type:\n\n" +
				"- The length of a text stays. An empty text stays empty. With `alphabet: format`, every digit becomes a digit and every letter becomes a letter of the same case, for up to 19 digits " +
				"or 13 letters. With digits, lower, upper, letters, alphanumeric, or an alphabet of your own, every character becomes a character of the alphabet, at any length. " +
				"Only ASCII letters count as letters. The characters of `separators` stay at their positions, and `prefix` stays at the start. A value stops the refresh if it holds any other character, " +
				"if it lacks the prefix, or if it has no character to permute.\n" +
				"- Numbers are permuted within `range`, both limits included. " + decimalsDoc + " A number outside the range stops the refresh. If a column has few values, the range may be small: " +
				"`range: [1, 12]` permutes twelve months among themselves. By default, NaN and infinite numerics stay unchanged, as NULL does. The parameter `special` can change this.\n" +
				"- The version and the variant of a UUID stay, so a version 4 UUID becomes a version 4 UUID. The other 122 bits are permuted.\n\n" +
				"The bijection is a keyed table for forms with at most 2^20 values. For other forms, it is FF1 (NIST SP 800-38G). A value may be its own result. The probability is 1 divided by " +
				"the number of values of its form, for example 1 in 100 for two digits. The length of a short result also shows how few values are possible.",
			Params: []transform.Param{
				{Name: "alphabet", Type: "text", Default: format, Doc: "for texts: format, digits, lower, upper, letters, alphanumeric, or the characters themselves"},
				{Name: "separators", Type: "text", Default: "", Doc: "for texts: characters that stay at their positions; with letters or digits among them, the disclosure label is unchanged"},
				{Name: "prefix", Type: "text", Default: "", Doc: "for texts: the start of every value, which stays"},
				{Name: "range", Type: "range", Tells: transform.Neither, Doc: "for integers and numerics, required: [lowest, highest]"},
				treatment.SpecialParam(),
			},
			Families:  []catalog.Family{catalog.Text, catalog.UUID, catalog.Integer, catalog.Numeric},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    pseudonym + "The form of every value stays: its length, its separators, and where it has digits and letters. A rare form can identify a person.",
			Preserves: []string{transform.Uniqueness, transform.Equality, transform.Length, transform.Format},
			Examples: []transform.Example{
				text("AC-1007", "QD-8039", transform.Params{"separators": "-"}),
				text("4711", "3580", transform.Params{"alphabet": "digits"}),
				text("inv_9f3a07", "inv_dc0122", transform.Params{"alphabet": "0123456789abcdef", "prefix": "inv_"}),
				{Type: catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}, Use: transform.Use{Treatment: "permute"}, In: "3f2504e0-4f89-41d3-9a0c-0305e82c3301", Out: "db811849-811e-4222-bc11-bf723a775357"},
				{Type: treatment.IDType(), Use: transform.Use{Treatment: "permute", Params: transform.Params{"range": []any{int64(1), int64(100000)}}}, In: "4711", Out: "97785"},
			},
		},
		Scalar: planPermute,
	}
}

func planPermute(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: "permute depends on the value and cannot use the row's subject; a result per subject would not be unique"}
	}
	if c.Type.Family != catalog.Text {
		a.Unused("alphabet", c)
		a.Unused("separators", c)
		a.Unused("prefix", c)
	}
	switch c.Type.Family {
	case catalog.Integer, catalog.Numeric:
		return planPermuted(c, u, a, "permute")
	case catalog.UUID:
		a.Unused("range", c)
		t := transform.Traits{Unique: true, Equality: true, Space: 1 << 122, Discloses: transform.Pseudonymised}
		return treatment.ScalarPlan{Traits: t, Build: func(k transform.Keys) treatment.Scalar {
			return &permutedUUID{bits: k.Numerals(treatment.Domain(u, "permute"), 2), x: make([]uint16, 122)}
		}}, nil
	}
	a.Unused("range", c)
	return planPermutedText(c, u, a), nil
}

func planPermutedText(c transform.Column, u transform.Use, a *treatment.Args) treatment.ScalarPlan {
	t := permutedText{separators: a.Text("separators"), prefix: a.Text("prefix"), padded: c.Type.Padded, domain: treatment.Domain(u, "permute")}
	name := a.Text("alphabet")
	t.letters = alphabetOf(name)
	if name != format {
		t.index = indexOf(t.letters)
	}
	t.check(c, a)
	space := math.Inf(1)
	if room := c.Type.MaxLen - utf8.RuneCountInString(t.prefix); c.Type.MaxLen > 0 && t.index != nil {
		space = math.Pow(float64(len(t.letters)), float64(max(room, 1)))
	}
	discloses := transform.Pseudonymised
	if strings.ContainsFunc(t.separators, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		discloses = transform.Unchanged // the letters and digits among the separators stay
	}
	shape := fmt.Sprintf("alphabet %s, separators %q, prefix %q", name, t.separators, t.prefix)
	return treatment.ScalarPlan{
		Traits: transform.Traits{Unique: true, Equality: true, Space: space, Discloses: discloses, Shape: shape},
		Build: func(k transform.Keys) treatment.Scalar {
			own := t
			if own.index == nil {
				own.keys, own.perms = k, map[uint64]transform.Permutation{}
			} else {
				own.numerals = k.Numerals(own.domain, len(own.letters))
			}
			return &own
		},
	}
}

// alphabetOf returns the alphabet that a rule names or lists. For format, it returns all characters that are permuted.
func alphabetOf(name string) []rune {
	switch name {
	case "digits":
		name = decimals
	case "lower":
		name = lowers
	case "upper":
		name = uppers
	case "letters":
		name = uppers + lowers
	case format, "alphanumeric":
		name = decimals + uppers + lowers
	}
	return []rune(name)
}

// check records an error if the treatment with this alphabet is not a bijection of the column's values.
func (t *permutedText) check(c transform.Column, a *treatment.Args) {
	sorted := slices.Clone(t.letters)
	if c.Type.CaseInsensitive && t.index != nil {
		sorted = []rune(strings.ToLower(string(sorted)))
	}
	slices.Sort(sorted)
	ascii := len(sorted) == 0 || sorted[len(sorted)-1] < utf8.RuneSelf
	switch {
	case len(sorted) < 2 || len(sorted) > 1<<16:
		a.Fail("alphabet", "must be a word (format, digits, lower, upper, letters, alphanumeric) or at least two characters")
	case !utf8.ValidString(string(sorted)) || slices.Contains(sorted, 0) || slices.Contains(sorted, utf8.RuneError):
		a.Fail("alphabet", "holds a character that PostgreSQL cannot store in a text")
	case len(slices.Compact(sorted)) < len(t.letters):
		a.Fail("alphabet", "holds a character twice, or in both cases while the column ignores case; use format or lower")
	case !ascii && (c.Type.CaseInsensitive || c.Type.Base == "name"):
		a.Fail("alphabet", "must hold only ASCII characters for type %s", treatment.TypeName(c))
	case strings.ContainsAny(t.separators, string(t.letters)):
		a.Fail("separators", "holds a character of the alphabet")
	case !utf8.ValidString(t.separators) || strings.ContainsRune(t.separators, 0):
		a.Fail("separators", "is not a text that PostgreSQL can hold")
	case c.Type.Padded && slices.Contains(t.letters, ' '):
		a.Fail("alphabet", "holds a blank, which the column does not keep at the end")
	case c.Type.MaxLen > 0 && utf8.RuneCountInString(t.prefix) >= c.Type.MaxLen:
		a.Fail("prefix", "fills all %d characters that the column holds", c.Type.MaxLen)
	}
}

// letterIndex gives the index of a character in an alphabet.
type letterIndex struct {
	ascii [utf8.RuneSelf]int32 // -1 if the character is not in the alphabet
	other map[rune]int32
}

func indexOf(letters []rune) *letterIndex {
	x := &letterIndex{other: map[rune]int32{}}
	for i := range x.ascii {
		x.ascii[i] = -1
	}
	for i, r := range letters {
		if r < utf8.RuneSelf {
			x.ascii[r] = int32(i)
		} else {
			x.other[r] = int32(i)
		}
	}
	return x
}

func (x *letterIndex) of(r rune) (int32, bool) {
	if r < utf8.RuneSelf {
		return x.ascii[r], x.ascii[r] >= 0
	}
	i, ok := x.other[r]
	return i, ok
}

// permutedText permutes the characters of an alphabet. If index is nil, it permutes digits among digits, and
// letters among letters of their case.
type permutedText struct {
	domain             string
	letters            []rune
	index              *letterIndex
	separators, prefix string
	padded             bool

	numerals transform.Numerals               // for an alphabet
	keys     transform.Keys                   // for format, which makes the permutation of a form when a value first has this form
	perms    map[uint64]transform.Permutation // for format, by the number of values of a form
	x        []uint16                         // scratch memory
}

func errOutside() error {
	return &transform.Error{Code: "outside-alphabet", Text: "the value lacks the prefix, or holds a character that is neither in permute's alphabet nor a separator; widen alphabet or separators, or use token"}
}

func errNothing() error {
	return &transform.Error{Code: "nothing-to-permute", Text: "the value has no character that permute can change, so it would stay unchanged; use when: for such values, or token"}
}

func (t *permutedText) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if t.padded {
		in = canon.TrimBlanks(in)
	}
	if len(in) == 0 {
		return dst, nil
	}
	if len(in) < len(t.prefix) || string(in[:len(t.prefix)]) != t.prefix {
		return dst, errOutside()
	}
	in = in[len(t.prefix):]
	start := len(dst)
	dst = append(dst, t.prefix...)
	var err error
	if t.index == nil {
		dst, err = t.appendFormat(dst, in)
	} else {
		dst, err = t.appendLetters(dst, in)
	}
	if err != nil {
		return dst[:start], err
	}
	return dst, nil
}

func (t *permutedText) appendLetters(dst, in []byte) ([]byte, error) {
	t.x = t.x[:0]
	for i := 0; i < len(in); {
		r, size := utf8.DecodeRune(in[i:])
		at, ok := t.index.of(r)
		switch {
		case r == utf8.RuneError && size == 1:
			return dst, errOutside()
		case ok:
			t.x = append(t.x, uint16(at))
		case !strings.ContainsRune(t.separators, r):
			return dst, errOutside()
		}
		i += size
	}
	if len(t.x) == 0 {
		return dst, errNothing()
	}
	t.numerals.Apply(t.x)
	next := 0
	for i := 0; i < len(in); {
		r, size := utf8.DecodeRune(in[i:])
		if _, ok := t.index.of(r); ok {
			dst = utf8.AppendRune(dst, t.letters[t.x[next]])
			next++
		} else {
			dst = append(dst, in[i:i+size]...)
		}
		i += size
	}
	return dst, nil
}

// appendFormat reads a value as a number of mixed radix: 10 for digits, 26 for letters. Each value of a form is a
// number below the form's size. The result has the same form, so values of different forms have different results.
func (t *permutedText) appendFormat(dst, in []byte) ([]byte, error) {
	size, x := uint64(1), uint64(0)
	for _, r := range string(in) {
		radix, digit, _ := digitOf(r)
		if radix == 0 {
			if r == utf8.RuneError || !strings.ContainsRune(t.separators, r) {
				return dst, errOutside()
			}
			continue
		}
		if size > math.MaxUint64/radix {
			return dst, &transform.Error{Code: "too-long", Text: "the value has more digits and letters than alphabet: format can permute; use an alphabet that covers all of them"}
		}
		size, x = size*radix, x*radix+digit
	}
	if size == 1 {
		return dst, errNothing()
	}
	perm := t.perms[size]
	if perm == nil {
		perm = t.keys.Permutation(t.domain, size)
		t.perms[size] = perm
	}
	x = perm.Apply(x)
	start := len(dst)
	dst = append(dst, in...)
	for i := len(in) - 1; i >= 0; i-- { // only ASCII characters have a radix
		if radix, _, first := digitOf(rune(in[i])); radix > 0 {
			dst[start+i] = first + byte(x%radix)
			x /= radix
		}
	}
	return dst, nil
}

// digitOf returns a character's radix, its value as a digit, and the first character of its kind. For a character that
// stays, the radix is 0.
func digitOf(r rune) (radix, digit uint64, first byte) {
	switch {
	case '0' <= r && r <= '9':
		return 10, uint64(r - '0'), '0'
	case 'a' <= r && r <= 'z':
		return 26, uint64(r - 'a'), 'a'
	case 'A' <= r && r <= 'Z':
		return 26, uint64(r - 'A'), 'A'
	}
	return 0, 0, 0
}

// permutedUUID permutes 122 bits of a UUID. Version and variant (RFC 9562, section 4) stay.
type permutedUUID struct {
	bits transform.Numerals
	x    []uint16
}

func (t *permutedUUID) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	var u [16]byte
	n := 0
	for _, c := range in {
		v := strings.IndexByte(hexText, c|0x20)
		switch {
		case c == '-':
			continue
		case v < 0 || n >= 32:
			return dst, &transform.Error{Code: "not-a-uuid", Text: "the value is not a UUID"}
		}
		u[n/2] = u[n/2]<<4 | byte(v)
		n++
	}
	if n != 32 {
		return dst, &transform.Error{Code: "not-a-uuid", Text: "the value is not a UUID"}
	}
	t.each(func(bit int, index int) { t.x[index] = uint16(u[bit/8]>>(7-bit%8)) & 1 })
	t.bits.Apply(t.x)
	t.each(func(bit int, index int) {
		mask := byte(1) << (7 - bit%8)
		u[bit/8] = u[bit/8]&^mask | byte(t.x[index])*mask
	})
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexText[b>>4], hexText[b&15])
	}
	return dst, nil
}

// each calls fn for every bit of a UUID that is permuted. The argument index of fn counts these bits from 0.
func (t *permutedUUID) each(fn func(bit, index int)) {
	index := 0
	for bit := range 128 {
		if bit >= 48 && bit < 52 || bit == 64 || bit == 65 {
			continue
		}
		fn(bit, index)
		index++
	}
}
