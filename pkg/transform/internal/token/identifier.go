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

// identifier is a kind of number with a form of its own: its length, its check digits, and a range that nobody
// issues, which its results are drawn from.
type identifier struct {
	reads func(id []byte) bool      // by form: id is the value's digits and upper-case letters
	draw  func(id []byte, d *draws) // overwrites id, whose length stays
	space float64                   // results there are for one form
	shape string                    // where a parameter changes the results
}

// identifierRule is in every identifier's Doc.
const identifierRule = " The value's form decides, not its check digits: what reads as such a number becomes a valid one of the same length, its " +
	"separators (blanks, dashes, dots, slashes, colons) and case kept, and equal numbers in different spelling get equal results. Anything else becomes " +
	"opaque text of the same shape: letters for letters and what is not ASCII, digits for the last six digits, 0 for those before, the rest of ASCII as it stands (a text of nothing else becomes letters). The empty text stays empty. " +
	"Results are drawn, not permuted: two values may get the same one, and the plan counts that on unique columns."

// planIdentifier draws by the number itself, however it is spelt.
func planIdentifier(c transform.Column, u transform.Use, id identifier) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: u.Treatment + " follows the value, not the row's subject"}
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

// identified treats texts.
type identified struct {
	identifier
	typ    catalog.Type
	seeder transform.Seeder
	draws  draws
	canon  []byte   // scratch of opaque values
	source [40]byte // scratch: the number as it was
	result [40]byte // scratch: the number it becomes
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

// replace draws until the result is another number. In the smallest space, of thousands, that takes a
// second draw once in thousands.
func (t *identified) replace(n int) error {
	t.draws = draws{seed: t.seeder.Seed(t.source[:n])}
	for range 16 {
		copy(t.result[:n], t.source[:n])
		t.draw(t.result[:n], &t.draws)
		if !bytes.Equal(t.result[:n], t.source[:n]) {
			return nil
		}
	}
	return &transform.Error{Code: "no-other-number", Text: "no number but the value itself was found for it"}
}

// identifiedNumber treats whole numbers, whose text has neither separators nor leading zeros.
type identifiedNumber struct{ *identified }

func (t *identifiedNumber) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	v, ok := decimal.ParseWhole(in)
	whole := decimal.AppendInt(t.canon[:0], v)
	t.canon = whole
	if !ok || len(whole) > len(t.source) || !t.reads(whole) {
		return dst, &transform.Error{Code: "not-such-a-number", Text: "the value is no number of the treatment's kind; a column of numbers holds no opaque text, use token with a range or null"}
	}
	n := copy(t.source[:], whole)
	if t.typ.Family == catalog.Integer && n > 18 {
		return dst, errOutOfRange() // the result might not fit 64 bits
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

// compact reads a value without its separators, in upper case.
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

// restore writes a number the way the value was written.
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

// random digits of an opaque value: fewer than any identifier of a person has, so that none can appear.
const opaqueDigits = 6

// appendOpaque writes a text of the same shape that is not the value.
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

// shape draws a character for each of the value's; letters only, where there is nothing else to draw.
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

// draws are choices made from one seed, one after the other.
type draws struct {
	seed transform.Seed
	next uint64
}

func (d *draws) below(n int) int {
	d.next++
	return draw.Pick(&d.seed, d.next, n)
}

func (d *draws) of(alphabet string) byte { return alphabet[d.below(len(alphabet))] }

// digits draws all of b, eight at a time.
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

// putNumber writes n with leading zeros into all of b.
func putNumber(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// date draws a day that every month has, in a year of two digits: YYMMDD, with an offset on the month.
func (d *draws) date(b []byte, month int) {
	putNumber(b[:2], d.below(100))
	putNumber(b[2:4], 1+d.below(12)+month)
	putNumber(b[4:6], 1+d.below(28))
}

const datesDrawn = 100 * 12 * 28

// hasForm says whether id matches a form: n a digit, a a letter, c either; any other character stands for itself.
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

// decimalOnly says that id is nothing else.
func decimalOnly(id []byte) bool {
	for _, c := range id {
		if !isDecimal(c) {
			return false
		}
	}
	return true
}

// weigh is the sum of digits times weights.
func weigh(id []byte, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(id[i]-'0')
	}
	return sum
}

// luhnSum is ISO/IEC 7812-1's sum of a number with its check digit: valid where it is 0 modulo 10.
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

// fixLuhn makes a number valid by the digit at one place: there is always exactly one.
func fixLuhn(id []byte, at int) {
	id[at] = '0'
	missing := (10 - luhnSum(id)) % 10
	if (len(id)-at)%2 == 0 {
		id[at] = "0516273849"[missing] // the digit whose double adds that much
		return
	}
	id[at] = byte('0' + missing)
}

// mod97 is ISO 7064's remainder of a number whose letters stand for 10 to 35.
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
