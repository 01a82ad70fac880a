package token

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// identifier is a kind of number with its own form: a length, and usually check digits. Results avoid real numbers:
// most come from a range that nobody issues, and others have wrong check digits on purpose.
type identifier struct {
	reads func(id []byte) bool      // reports whether id has the form; id holds the value's digits and upper-case letters
	draw  func(id []byte, d *draws) // overwrites id with a result of the same length
	space float64                   // number of results for one form
	shape string                    // Traits.Shape; set if a parameter changes the results
}

// identifierRule is part of the Doc of every identifier with check digits.
const identifierRule = formIntro + ", and does not test check digits." + formRule

// plainRule is part of the Doc of every identifier without check digits.
const plainRule = formIntro + "." + formRule

const formIntro = "\n\nMasker looks only at the form of a value"

const formRule = "\n\n" +
	"- A value that has the form that the treatment expects becomes a result of the same form and length. Its separators (blanks, dashes, dots, slashes, colons) and its case stay. " +
	"Equal values in different spelling get equal results.\n" +
	"- Any other value becomes an opaque text of the same shape. Letters and characters outside ASCII become letters. The last six digits become pseudo-random digits, and the digits before them become 0. " +
	"Control characters become letters too, and other ASCII characters stay. If a text has no letters and no digits, all of its characters become letters.\n" +
	"- An empty text stays empty.\n\n" +
	"Results are pseudo-random, and not a permutation, so two values may get the same result. For unique columns, the plan takes this into account."

// planIdentifier plans a treatment of an identifier. The seed comes from the number, without its separators and case.
func planIdentifier(c transform.Column, u transform.Use, id identifier) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: u.Treatment + " depends on the value and cannot use the row's subject"}
	}
	traits := transform.Traits{Equality: true, Space: id.space, Discloses: transform.Pseudonymised, Shape: id.shape}
	return treatment.ScalarPlan{Traits: traits, Build: func(k transform.Keys) treatment.Scalar {
		t := &identified{identifier: id, typ: c.Type, seeder: k.Seeder(treatment.Domain(u, u.Treatment))}
		if c.Type.Family != catalog.Text {
			return &identifiedNumber{t}
		}
		return t
	}}, nil
}

// identified treats identifiers in texts.
type identified struct {
	identifier
	typ    catalog.Type
	seeder transform.Seeder
	draws  draws
	canon  []byte   // scratch for opaque values
	source [40]byte // scratch for the number before treatment
	result [40]byte // scratch for the number after treatment
}

func (t *identified) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if t.typ.Padded {
		in = canon.TrimBlanks(in)
	}
	if len(in) == 0 {
		return dst, nil
	}
	n, ok := compact(&t.source, in)
	if !ok || !t.reads(t.source[:n]) {
		return t.appendOpaque(dst, in), nil
	}
	if err := t.replace(n); err != nil {
		return dst, err
	}
	return restore(dst, in, t.result[:n]), nil
}

// replace chooses random numbers until one differs from the original number, at most 16 times. Even the smallest space
// has thousands of results, so a second choice is rare.
func (t *identified) replace(n int) error {
	t.draws = draws{seed: t.seeder.Seed(t.source[:n])}
	for range 16 {
		copy(t.result[:n], t.source[:n])
		t.draw(t.result[:n], &t.draws)
		if !bytes.Equal(t.result[:n], t.source[:n]) {
			return nil
		}
	}
	return &transform.Error{Code: "no-other-number", Text: "no other number was found to replace the value"}
}

// identifiedNumber treats identifiers in columns of numbers. The text of such a number has no separators and no leading
// zeros.
type identifiedNumber struct{ *identified }

func (t *identifiedNumber) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	v, ok := decimal.ParseWhole(in)
	whole := decimal.AppendInt(t.canon[:0], v)
	t.canon = whole
	if !ok || len(whole) > len(t.source) || !t.reads(whole) {
		return dst, &transform.Error{Code: "not-such-a-number", Text: "the value is not a number of the treatment's kind, and a column of numbers cannot hold opaque text; use token with a range, or null"}
	}
	n := copy(t.source[:], whole)
	if t.typ.Family == catalog.Integer && n > 18 {
		return dst, errOutOfRange() // the result can need more than 64 bits
	}
	if err := t.replace(n); err != nil {
		return dst, err
	}
	dst = append(dst, t.result[:n]...)
	if t.typ.Scale > 0 {
		dst = append(dst, '.')
		for range t.typ.Scale {
			dst = append(dst, '0')
		}
	}
	return dst, nil
}

// compact reads a value without its separators, in upper case. ok is false if the value holds other characters, or is
// empty, or has more than 40 characters.
func compact(id *[40]byte, in []byte) (n int, ok bool) {
	for _, c := range in {
		switch {
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case isDecimal(c) || isCapital(c):
		case isBreak(c):
			continue
		default:
			return 0, false
		}
		if n == len(id) {
			return 0, false
		}
		id[n] = c
		n++
	}
	return n, n > 0
}

// restore appends a number, the argument id. The result has the separators and the case of the argument in.
func restore(dst, in, id []byte) []byte {
	capitals, lowers := 0, 0
	for _, c := range in {
		switch {
		case isCapital(c):
			capitals++
		case 'a' <= c && c <= 'z':
			lowers++
		}
	}
	lower := capitals == 0 && lowers > 0
	for _, c := range in {
		if isBreak(c) {
			dst = append(dst, c)
			continue
		}
		out := id[0]
		id = id[1:]
		if isCapital(out) && ('a' <= c && c <= 'z' || isDecimal(c) && lower) {
			out += 'a' - 'A'
		}
		dst = append(dst, out)
	}
	return dst
}

// opaqueDigits is the largest number of random digits in an opaque value. The digits before them are 0. Identifiers of
// persons have more digits, so an opaque value is not such an identifier.
const opaqueDigits = 6

// appendOpaque appends a text that differs from the value. The text has the shape of the value. But if no text of this
// shape differs from the value, as for a value of separators only, the text consists of letters.
func (t *identified) appendOpaque(dst, in []byte) []byte {
	t.canon = canon.Append(t.canon[:0], &t.typ, in)
	t.draws = draws{seed: t.seeder.Seed(t.canon)}
	zeros := -opaqueDigits
	for _, c := range in {
		if isDecimal(c) {
			zeros++
		}
	}
	start := len(dst)
	for attempt := range 8 {
		dst = t.shape(dst[:start], in, zeros, attempt >= 4)
		if !bytes.EqualFold(dst[start:], in) {
			break
		}
	}
	return dst
}

// shape appends one character for each character of the value. If letters is true, it appends only letters. The
// argument zeros is the number of digits that become 0. These are the first digits of the value.
func (t *identified) shape(dst, in []byte, zeros int, letters bool) []byte {
	for i := 0; i < len(in); {
		r, size := utf8.DecodeRune(in[i:])
		i += size
		switch {
		case letters:
			dst = append(dst, t.draws.of(lowers))
		case '0' <= r && r <= '9' && zeros > 0:
			dst = append(dst, '0')
			zeros--
		case '0' <= r && r <= '9':
			dst = append(dst, t.draws.of(decimals))
		case r < utf8.RuneSelf && !isAlpha(byte(r)) && ' ' <= r && r <= '~':
			dst = append(dst, byte(r))
		case 'A' <= r && r <= 'Z':
			dst = append(dst, t.draws.of(uppers))
		default:
			dst = append(dst, t.draws.of(lowers))
		}
	}
	return dst
}

func isDecimal(c byte) bool { return '0' <= c && c <= '9' }
func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }
func isAlpha(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isBreak(c byte) bool   { return c == ' ' || '-' <= c && c <= '/' || c == ':' } // a blank, - . / or :

// draws makes random choices from one seed, one after the other.
type draws struct {
	seed transform.Seed
	next uint64
}

func (d *draws) below(n int) int {
	d.next++
	return draw.Pick(&d.seed, d.next, n)
}

func (d *draws) of(alphabet string) byte { return alphabet[d.below(len(alphabet))] }

// digits fills b with random digits, eight at a time.
func (d *draws) digits(b []byte) {
	for ; len(b) > 8; b = b[8:] {
		putNumber(b[:8], d.below(1e8))
	}
	n := 1
	for range b {
		n *= 10
	}
	putNumber(b, d.below(n))
}

// putNumber fills b with the digits of n and leading zeros.
func putNumber(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// date sets b to a random date as YYMMDD. The day is at most 28, so that it exists in every month. The argument month
// is added to the month, because some countries mark a part of their numbers in this way.
func (d *draws) date(b []byte, month int) {
	putNumber(b[:2], d.below(100))
	putNumber(b[2:4], 1+d.below(12)+month)
	putNumber(b[4:6], 1+d.below(28))
}

const datesDrawn = 100 * 12 * 28

// hasForm reports whether id has a form. In the form, n is a digit, a is a letter, and c is a digit or a letter. Any
// other character stands for itself.
func hasForm(id []byte, form string) bool {
	if len(id) != len(form) {
		return false
	}
	for i, c := range id {
		ok := false
		switch form[i] {
		case 'n':
			ok = isDecimal(c)
		case 'a':
			ok = isCapital(c)
		case 'c':
			ok = true
		default:
			ok = c == form[i]
		}
		if !ok {
			return false
		}
	}
	return true
}

// decimalOnly reports whether id consists of digits.
func decimalOnly(id []byte) bool {
	for _, c := range id {
		if !isDecimal(c) {
			return false
		}
	}
	return true
}

// weigh returns the sum of the digits, each multiplied by its weight.
func weigh(id []byte, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(id[i]-'0')
	}
	return sum
}

// luhnSum returns the sum of ISO/IEC 7812-1 for a number with its check digit, modulo 10. The number is valid if the
// sum is 0.
func luhnSum(id []byte) int {
	sum := 0
	for i, c := range id {
		d := int(c - '0')
		if (len(id)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum % 10
}

// fixLuhn changes the digit at one index so that the number becomes valid. Exactly one digit makes it valid.
func fixLuhn(id []byte, at int) {
	id[at] = '0'
	missing := (10 - luhnSum(id)) % 10
	if (len(id)-at)%2 == 0 {
		id[at] = "0516273849"[missing] // the digit that adds the missing number to the sum, because its place counts double
		return
	}
	id[at] = byte('0' + missing)
}

// mod97 returns the remainder of a number divided by 97, which the check digits of ISO 7064 mod 97-10 use. Letters
// count as 10 to 35. The argument r is the remainder of the preceding digits.
func mod97(r int, id []byte) int {
	for _, c := range id {
		if isDecimal(c) {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r
}
