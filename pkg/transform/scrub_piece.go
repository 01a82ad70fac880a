package transform

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

// pieces say what a found pattern becomes.
type pieces struct {
	fold   *folding
	as     [kinds]Transform // of kinds that a treatment of the library does; nil elsewhere
	wide   Transform        // of IPv6 addresses
	given  Transform
	family Transform
	keyed  [kinds]Seeder // of the others
	seed   Seed
	text   []byte // scratch
}

// pieceUse is the treatment of a kind, as the baseline pack's class has it: a value that seeds itself becomes in a text
// what it becomes in a column. Kinds without one have results of their own, or a mark.
func pieceUse(k patternKind) (Use, catalog.Type, bool) {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	switch k {
	case kindEmail:
		return Use{Treatment: "fake.email", Domain: "email"}, text, true
	case kindPhone:
		return Use{Treatment: "fake.phone", Domain: "phone"}, text, true
	case kindUUID:
		return Use{Treatment: "token", Domain: "identifier"}, catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}, true
	case kindDate:
		return Use{Treatment: "shift", Domain: "birth_date"}, catalog.Type{Name: "date", Base: "date", Family: catalog.Date}, true
	case kindURL:
		return Use{Treatment: "fake.url", Domain: "url"}, text, true
	case kindIP:
		return Use{Treatment: "fake.ipv4", Domain: "ip_address"}, text, true
	case kindPAN:
		return Use{Treatment: "pan", Domain: "pan"}, text, true
	case kindIBAN:
		return Use{Treatment: "iban", Domain: "iban"}, text, true
	}
	return Use{}, text, false
}

func newPieces(by planner, f *folding, k Keys) *pieces {
	p := &pieces{fold: f}
	for kind := range kinds {
		if u, typ, ok := pieceUse(kind); ok {
			p.as[kind] = compilePiece(by, u, typ, k)
			continue
		}
		p.keyed[kind] = k.Seeder("scrub/" + kind.name())
	}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	p.wide = compilePiece(by, Use{Treatment: "fake.ipv6", Domain: "ip_address"}, text, k)
	p.given = compilePiece(by, Use{Treatment: "fake.given_name", Domain: "given_name"}, text, k)
	p.family = compilePiece(by, Use{Treatment: "fake.family_name", Domain: "family_name"}, text, k)
	return p
}

func compilePiece(by planner, u Use, typ catalog.Type, k Keys) Transform {
	b, err := by.plan(Column{Type: typ}, u)
	if err != nil {
		panic("transform: the treatments of scrub compile")
	}
	return b.build(k)
}

// append writes what the found text becomes.
func (p *pieces) append(dst []byte, k patternKind, found []byte) ([]byte, error) {
	switch k {
	case kindEmail: // as a column that holds it in small letters, or does not tell case
		p.text = appendFolded(p.text[:0], found, false)
		return p.treat(dst, k, p.text)
	case kindPhone, kindUUID, kindURL, kindPAN, kindIBAN:
		return p.treat(dst, k, found)
	case kindIP:
		if bytes.IndexByte(found, ':') >= 0 {
			out, _, err := p.wide.Append(dst, Cell{Text: found}, nil)
			return out, err
		}
		return p.treat(dst, k, found)
	case kindMAC:
		return p.hardware(dst, found), nil
	case kindNumber:
		return p.number(dst, found), nil
	}
	return appendMark(dst, k), nil
}

func (p *pieces) treat(dst []byte, k patternKind, text []byte) ([]byte, error) {
	out, null, err := p.as[k].Append(dst, Cell{Text: text}, nil)
	if null {
		out = appendMark(dst, k)
	}
	return out, err
}

// appendMark says what stood here.
func appendMark(dst []byte, k patternKind) []byte {
	dst = append(dst, '[')
	dst = append(dst, k.name()...)
	return append(dst, ']')
}

// draw seeds from the letters and digits of what was found, however it was written.
func (p *pieces) draw(k patternKind, found []byte) {
	p.text = p.text[:0]
	for _, c := range found {
		if letterByte(c) {
			c |= 0x20
		}
		if alnumByte(c) || c >= utf8.RuneSelf {
			p.text = append(p.text, c)
		}
	}
	p.seed = p.keyed[k].Seed(p.text)
}

// hardware is one of the range for documentation (RFC 7042, 2.1.2), written the same way.
func (p *pieces) hardware(dst, found []byte) []byte {
	p.draw(kindMAC, found)
	const hex = "0123456789abcdef"
	const reserved = "00005e0053"
	at, x := 0, lane(&p.seed, 0)
	for _, c := range found {
		if hexByte(c) {
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
	p.draw(kindNumber, found)
	start, n := len(dst), 0
	for _, c := range found {
		if digitByte(c) {
			hi := lane(&p.seed, uint64(n)) % 10
			c = '0' + byte(hi)
			n++
		}
		dst = append(dst, c)
	}
	for bytes.Equal(dst[start:], found) || p.cardLike(dst[start:], n) {
		last := len(dst) - 1
		for !digitByte(dst[last]) {
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
		if digitByte(c) {
			p.text = append(p.text, c)
		}
	}
	return luhnValid(p.text)
}

// name is what the dictionary's kind of name becomes; a name in capitals is the same name.
func (p *pieces) name(dst []byte, family bool, found []byte) ([]byte, error) {
	p.text = appendTitle(p.text[:0], found)
	to := p.given
	if family {
		to = p.family
	}
	start := len(p.text)
	made, _, err := to.Append(p.text, Cell{Text: p.text[:start]}, nil)
	p.text = made
	return appendCased(dst, made[start:], found), err
}

// day is what a date becomes, written the same way.
func (p *pieces) day(dst, b []byte, start int, w *writtenDate) ([]byte, error) {
	m := moment{day: daysFrom(w.y, w.m, w.d)}
	p.text = m.append(p.text[:0])
	n := len(p.text)
	made, _, err := p.as[kindDate].Append(p.text, Cell{Text: p.text[:n]}, nil)
	if err != nil {
		return dst, err
	}
	p.text = made
	if m, ok := parseMoment(made[n:]); ok {
		return w.append(dst, b, start, m.day), nil
	}
	return appendMark(dst, kindDate), nil
}

// replace writes what a hit at b[i] becomes.
func (s *scrubber) replace(dst, b []byte, i int, h *hit) ([]byte, error) {
	found := b[i:h.end]
	switch {
	case h.kind == kinds:
		return s.pieces.name(dst, s.names.family(found), found)
	case h.mention:
		made, err := s.mentions.pseudonym(s, h.of.column)
		if err != nil || made == nil {
			return append(dst, redacted...), err
		}
		return appendCased(dst, wordOf(made, h.of.part, h.of.parts), found), nil
	case h.kind == kindDate:
		return s.replaceDate(dst, b, i, h)
	}
	return s.pieces.append(dst, h.kind, found)
}

// replaceDate gives the day of a column what the column gives it, and shifts any other.
func (s *scrubber) replaceDate(dst, b []byte, i int, h *hit) ([]byte, error) {
	column, ok := s.mentions.date(daysFrom(s.date.y, s.date.m, s.date.d))
	if !ok && s.date.swapped {
		column, ok = s.mentions.date(daysFrom(s.date.y, s.date.d, s.date.m))
	}
	if ok {
		made, err := s.mentions.pseudonym(s, column.column)
		if err != nil || made == nil {
			return appendMark(dst, kindDate), err
		}
		if m, ok := parseMoment(made); ok {
			return s.date.append(dst, b, i, m.day), nil
		}
		return append(dst, made...), nil
	}
	if !s.on[kindDate] {
		return append(dst, b[i:h.end]...), nil // looked at for the columns' days only
	}
	return s.pieces.day(dst, b, i, &s.date)
}

// pseudonym is what column i of the row becomes, nil for NULL. It is made once for a cell.
func (m *mentions) pseudonym(s *scrubber, i int) ([]byte, error) {
	c := &m.columns[i]
	if !c.ready {
		from := len(m.made)
		made, null, err := s.reads.treated(m.made, s.row, i)
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

// wordOf is the word of a pseudonym that stands for a part of a value: first for first, last for last.
func wordOf(made []byte, part, parts int) []byte {
	if part < 0 {
		return made
	}
	words := bytes.Count(made, []byte(" ")) + 1
	at := 0
	switch {
	case words == parts:
		at = part
	case part == parts-1:
		at = words - 1
	}
	for range at {
		made = made[bytes.IndexByte(made, ' ')+1:]
	}
	if end := bytes.IndexByte(made, ' '); end >= 0 {
		made = made[:end]
	}
	return made
}

// appendCased writes a name the way the one it stands for was written: in capitals, in small letters, or as it is.
func appendCased(dst, s, like []byte) []byte {
	upper, lower := 0, 0
	for i := 0; i < len(like); {
		r, size := utf8.DecodeRune(like[i:])
		i += size
		if unicode.IsUpper(r) {
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
	}
	if upper > 0 && lower > 0 || upper+lower < 2 || !namelike(s) {
		return append(dst, s...)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		i += size
		if lower == 0 {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// namelike says whether case means nothing in a text.
func namelike(s []byte) bool {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		i += size
		if !unicode.IsLetter(r) && r != ' ' && r != '-' && r != '\'' && r != '.' {
			return false
		}
	}
	return true
}

func appendTitle(dst, name []byte) []byte {
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRune(name[i:])
		if i == 0 {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}
