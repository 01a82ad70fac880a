package scrub

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// pieces replaces the matches of patterns.
type pieces struct {
	as     [recognise.Patterns]transform.Transform // for kinds that a treatment of the library replaces; nil for the others
	wide   transform.Transform                     // for IPv6 addresses
	given  transform.Transform
	family transform.Transform
	keyed  [recognise.Patterns]transform.Seeder // for the other kinds
	seed   transform.Seed
	text   []byte // scratch memory
}

// pieceUse returns the treatment of a kind. The class in the baseline pack has the same treatment. Therefore a value
// gets the same result in a text as in a column without a subject. ok is false for a kind without a treatment. A match
// of such a kind is replaced by package scrub itself, or by a mark.
func pieceUse(k recognise.Kind) (transform.Use, catalog.Type, bool) {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	switch k {
	case recognise.Email:
		return transform.Use{Treatment: "fake.email", Domain: "email"}, text, true
	case recognise.Phone:
		return transform.Use{Treatment: "fake.phone", Domain: "phone"}, text, true
	case recognise.UUID:
		return transform.Use{Treatment: "token", Domain: "identifier"}, catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}, true
	case recognise.Date:
		return transform.Use{Treatment: "shift", Domain: "birth_date"}, catalog.Type{Name: "date", Base: "date", Family: catalog.Date}, true
	case recognise.URL:
		return transform.Use{Treatment: "fake.url", Domain: "url"}, text, true
	case recognise.IP:
		return transform.Use{Treatment: "fake.ipv4", Domain: "ip_address"}, text, true
	case recognise.PAN:
		return transform.Use{Treatment: "pan", Domain: "pan"}, text, true
	case recognise.IBAN:
		return transform.Use{Treatment: "iban", Domain: "iban"}, text, true
	}
	return transform.Use{}, text, false
}

func newPieces(by treatment.Planner, k transform.Keys) *pieces {
	p := &pieces{}
	for kind := range recognise.Patterns {
		if u, typ, ok := pieceUse(kind); ok {
			p.as[kind] = compilePiece(by, u, typ, k)
			continue
		}
		p.keyed[kind] = k.Seeder("scrub/" + kind.String())
	}
	text, given := nameUse(false)
	_, family := nameUse(true)
	p.wide = compilePiece(by, transform.Use{Treatment: "fake.ipv6", Domain: "ip_address"}, text, k)
	p.given, p.family = compilePiece(by, given, text, k), compilePiece(by, family, text, k)
	return p
}

// nameUse returns the treatment of names, and the type of the column that has it.
func nameUse(family bool) (catalog.Type, transform.Use) {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	if family {
		return text, transform.Use{Treatment: "fake.family_name", Domain: "family_name"}
	}
	return text, transform.Use{Treatment: "fake.given_name", Domain: "given_name"}
}

func compilePiece(by treatment.Planner, u transform.Use, typ catalog.Type, k transform.Keys) transform.Transform {
	b, err := by.Plan(transform.Column{Type: typ}, u)
	if err != nil {
		panic("transform: the treatments of scrub must compile")
	}
	return b.Build(k)
}

// append appends the replacement of a match.
func (p *pieces) append(dst []byte, k recognise.Kind, found []byte) ([]byte, error) {
	switch k {
	case recognise.Email: // in lower case, so that an address gets the same result as in a column of type citext
		p.text = canon.AppendFolded(p.text[:0], found, false)
		return p.treat(dst, k, p.text)
	case recognise.PAN:
		return p.card(dst, found)
	case recognise.Phone, recognise.UUID, recognise.URL, recognise.IBAN:
		return p.treat(dst, k, found)
	case recognise.IP:
		if bytes.IndexByte(found, ':') >= 0 {
			out, _, err := p.wide.Append(dst, transform.Cell{Text: found}, nil)
			return out, err
		}
		return p.treat(dst, k, found)
	case recognise.MAC:
		return p.hardware(dst, found), nil
	case recognise.Number:
		return p.number(dst, found), nil
	}
	return appendMark(dst, k), nil
}

// card replaces the number of a payment card by the result of the treatment pan. The treatment does not take every
// separator that a text may have, so card first replaces all separators except blanks by hyphens.
func (p *pieces) card(dst, found []byte) ([]byte, error) {
	p.text = p.text[:0]
	for _, c := range found {
		if !words.IsDigit(c) && c != ' ' {
			c = '-'
		}
		p.text = append(p.text, c)
	}
	return p.treat(dst, recognise.PAN, p.text)
}

func (p *pieces) treat(dst []byte, k recognise.Kind, text []byte) ([]byte, error) {
	out, null, err := p.as[k].Append(dst, transform.Cell{Text: text}, nil)
	if null {
		out = appendMark(dst, k)
	}
	return out, err
}

// appendMark appends a mark that names the kind of the match.
func appendMark(dst []byte, k recognise.Kind) []byte {
	dst = append(dst, '[')
	dst = append(dst, k.String()...)
	return append(dst, ']')
}

// draw sets the seed from the letters and digits of the match. The seed does not depend on case or separators.
func (p *pieces) draw(k recognise.Kind, found []byte) {
	p.text = p.text[:0]
	for _, c := range found {
		if words.IsLetter(c) {
			c |= 0x20
		}
		if words.IsAlnum(c) || c >= utf8.RuneSelf {
			p.text = append(p.text, c)
		}
	}
	p.seed = p.keyed[k].Seed(p.text)
}

// hardware appends a hardware address from the range for documentation (RFC 7042, 2.1.2), in the form of the match.
func (p *pieces) hardware(dst, found []byte) []byte {
	p.draw(recognise.MAC, found)
	const hex = "0123456789abcdef"
	const reserved = "00005e0053"
	at, x := 0, draw.Lane(&p.seed, 0)
	for _, c := range found {
		if words.IsHex(c) {
			if at < len(reserved) {
				c = reserved[at]
			} else {
				c, x = hex[x>>60], x<<4
			}
			at++
		}
		dst = append(dst, c)
	}
	return dst
}

// number replaces the digits of a number. The result differs from the number. A result of 13 to 19 digits does not pass
// the Luhn check of card numbers.
func (p *pieces) number(dst, found []byte) []byte {
	p.draw(recognise.Number, found)
	start, n := len(dst), 0
	for _, c := range found {
		if words.IsDigit(c) {
			hi := draw.Lane(&p.seed, uint64(n)) % 10
			c = '0' + byte(hi)
			n++
		}
		dst = append(dst, c)
	}
	for bytes.Equal(dst[start:], found) || p.cardLike(dst[start:], n) {
		last := len(dst) - 1
		for !words.IsDigit(dst[last]) {
			last--
		}
		dst[last] = '0' + (dst[last]-'0'+1)%10
	}
	return dst
}

func (p *pieces) cardLike(made []byte, digits int) bool {
	if digits < 13 || digits > 19 {
		return false
	}
	p.text = p.text[:0]
	for _, c := range made {
		if words.IsDigit(c) {
			p.text = append(p.text, c)
		}
	}
	return recognise.Luhn(p.text)
}

// name replaces a name of the dictionary. A name in upper case gets the same result as the name in lower case.
func (p *pieces) name(dst []byte, family bool, found []byte) ([]byte, error) {
	p.text = appendTitle(p.text[:0], found)
	to := p.given
	if family {
		to = p.family
	}
	start := len(p.text)
	made, _, err := to.Append(p.text, transform.Cell{Text: p.text[:start]}, nil)
	p.text = made
	return appendCased(dst, made[start:], found), err
}

// pseudonym returns the result of column i for the row, or nil for NULL. It computes the result once per cell.
func (m *mentions) pseudonym(s *scrubber, i int) ([]byte, error) {
	c := &m.columns[i]
	if !c.ready {
		from := len(m.made)
		made, null, err := s.reads.Treated(m.made, s.row, i)
		if err != nil {
			return nil, err
		}
		m.made, c.ready, c.null, c.from, c.to = made, true, null, from, len(made)
	}
	if c.null {
		return nil, nil
	}
	return m.made[c.from:c.to], nil
}
