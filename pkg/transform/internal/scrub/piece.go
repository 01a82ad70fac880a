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

// pieces say what a found pattern becomes.
type pieces struct {
	as     [recognise.Patterns]transform.Transform // of recognise.Patterns that a treatment of the library does; nil elsewhere
	wide   transform.Transform                     // of IPv6 addresses
	given  transform.Transform
	family transform.Transform
	keyed  [recognise.Patterns]transform.Seeder // of the others
	seed   transform.Seed
	text   []byte // scratch
}

// pieceUse is the treatment of a kind, as the baseline pack's class has it: a value that seeds itself becomes in a text
// what it becomes in a column. Kinds without one have results of their own, or a mark.
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
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	p.wide = compilePiece(by, transform.Use{Treatment: "fake.ipv6", Domain: "ip_address"}, text, k)
	p.given = compilePiece(by, transform.Use{Treatment: "fake.given_name", Domain: "given_name"}, text, k)
	p.family = compilePiece(by, transform.Use{Treatment: "fake.family_name", Domain: "family_name"}, text, k)
	return p
}

func compilePiece(by treatment.Planner, u transform.Use, typ catalog.Type, k transform.Keys) transform.Transform {
	b, err := by.Plan(transform.Column{Type: typ}, u)
	if err != nil {
		panic("transform: the treatments of scrub compile")
	}
	return b.Build(k)
}

// append writes what the found text becomes.
func (p *pieces) append(dst []byte, k recognise.Kind, found []byte) ([]byte, error) {
	switch k {
	case recognise.Email: // as a column that holds it in small letters, or does not tell case
		p.text = canon.AppendFolded(p.text[:0], found, false)
		return p.treat(dst, k, p.text)
	case recognise.Phone, recognise.UUID, recognise.URL, recognise.PAN, recognise.IBAN:
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

func (p *pieces) treat(dst []byte, k recognise.Kind, text []byte) ([]byte, error) {
	out, null, err := p.as[k].Append(dst, transform.Cell{Text: text}, nil)
	if null {
		out = appendMark(dst, k)
	}
	return out, err
}

// appendMark says what stood here.
func appendMark(dst []byte, k recognise.Kind) []byte {
	dst = append(dst, '[')
	dst = append(dst, k.String()...)
	return append(dst, ']')
}

// draw seeds from the letters and digits of what was found, however it was written.
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

// hardware is one of the range for documentation (RFC 7042, 2.1.2), written the same way.
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

// number puts other digits where digits stood. The result is neither the same number nor one that passes for a card's.
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

// name is what the dictionary's kind of name becomes; a name in capitals is the same name.
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

// pseudonym is what column i of the row becomes, nil for NULL. It is made once for a cell.
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
