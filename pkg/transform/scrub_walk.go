package transform

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// scrubber treats one column of free text: it walks over a text once and replaces what it finds.
type scrubber struct {
	fold     *folding
	months   *months
	reads    columnReader
	mentions mentions
	pieces   *pieces
	on       [kinds]bool
	names    *nameSet // nil where names are not looked up
	redact   bool     // what is left where nothing was found
	mark     []byte   // stands for such a text
	room     int      // characters the column holds, 0 without limit
	inBytes  bool     // room counts bytes
	padded   bool
	class    [256]byte

	row     Row // of the cell being treated
	from    int // everything before it is written
	found   bool
	mail    span // the next e-mail address
	looked  int  // up to where there is no secret
	numbers numerals
	date    writtenDate // of the last hit that is a date
	clean   []byte      // a text that was not UTF-8, made so
}

// columnReader is what a reading gives: other columns of the row, as they are and as they become.
type columnReader interface {
	source(row Row, i int) Cell
	treated(dst []byte, row Row, i int) (out []byte, null bool, err error)
}

// The classes of bytes that something may start with.
const (
	classNone byte = iota
	classWord
	classDigit
	classSign // + (
	classColon
)

func newClasses() (class [256]byte) {
	for c := range 256 {
		switch b := byte(c); {
		case digitByte(b):
			class[c] = classDigit
		case letterByte(b) || b >= utf8.RuneSelf:
			class[c] = classWord
		case b == '+' || b == '(':
			class[c] = classSign
		case b == ':':
			class[c] = classColon
		}
	}
	return class
}

// hit is what was found at a place.
type hit struct {
	end     int // 0 where there is nothing
	kind    patternKind
	mention bool
	of      mention
}

func (s *scrubber) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	text := in.Text
	if s.padded {
		text = trimBlanks(text)
	}
	if !utf8.Valid(text) {
		s.clean = appendValid(s.clean[:0], text)
		text = s.clean
	}
	s.row = row
	s.mentions.begin()
	for i := range s.mentions.columns {
		s.mentions.put(i, s.reads.source(row, i))
	}
	start := len(dst)
	dst, err := s.walk(dst, text)
	s.row = nil
	if err != nil {
		return dst, false, err
	}
	if !s.found && s.redact {
		dst = append(dst[:start], s.mark...)
	}
	return s.cut(dst, start), false, nil
}

// appendValid puts U+FFFD where text is not UTF-8.
func appendValid(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

func (s *scrubber) walk(dst, b []byte) ([]byte, error) {
	s.from, s.looked, s.found = 0, 0, false
	s.nextMail(b, 0)
	for i := 0; i < len(b); {
		class := s.class[b[i]]
		if class == classNone && i != s.mail.start {
			i++
			continue
		}
		if i > s.mail.start {
			s.nextMail(b, i)
		}
		h, next := s.look(b, i, class)
		if h.end == 0 {
			i = next
			continue
		}
		dst = append(dst, b[s.from:i]...)
		var err error
		if dst, err = s.replace(dst, b, i, &h); err != nil {
			return dst, err
		}
		s.from, s.found = h.end, true
		for i = h.end; i < len(b) && glued(b, i); { // what is left of the word, as in Anna's or 29T10
			_, size := utf8.DecodeRune(b[i:])
			i += size
		}
	}
	return append(dst, b[s.from:]...), nil
}

// nextMail finds the next e-mail address that starts at i or behind it.
func (s *scrubber) nextMail(b []byte, i int) {
	s.mail = span{len(b) + 1, 0}
	if !s.on[kindEmail] {
		return
	}
	for at := i; ; at++ {
		n := bytes.IndexByte(b[at:], '@')
		if n < 0 {
			return
		}
		at += n
		if start, end, ok := mailAt(b, at, i); ok {
			s.mail = span{start, end}
			return
		}
	}
}

// look finds what starts at i; next is where to look on where nothing does.
func (s *scrubber) look(b []byte, i int, class byte) (h hit, next int) {
	next = i + 1
	lim := b
	if s.mail.start <= len(b) && s.mail.start > i {
		lim = b[:s.mail.start] // a number before an address is no part of it
	}
	var w word
	if class == classWord || class == classDigit {
		if !s.fold.starts(b, i) {
			_, size := utf8.DecodeRune(b[i:])
			next = i + size
		} else {
			w = s.fold.wordAt(b, i)
			next = w.end
		}
		if m := s.mentions.at(b, &w); m.end > 0 && w.runes > 0 {
			h = hit{end: m.end, mention: true, of: m}
		}
	}
	switch {
	case i == s.mail.start:
		h.longer(hit{end: s.mail.end, kind: kindEmail})
	case class == classWord && w.ascii:
		s.wordPatterns(&h, b, lim, &w)
	case class == classWord && w.runes > 0:
		s.monthPattern(&h, lim, &w)
		s.mixedPatterns(&h, b, &w)
	case class == classDigit:
		s.digitPatterns(&h, b, lim, &w)
	case class == classSign && i+1 < len(lim) && (digitByte(lim[i+1]) || lim[i+1] == '('):
		s.numberPatterns(&h, lim, i)
	case class == classColon && s.on[kindIP]:
		h.longer(hit{end: ipv6At(lim, i), kind: kindIP})
	}
	if h.end == 0 && s.names != nil && w.runes > 0 && s.names.has(b, &w) {
		h = hit{end: w.end, kind: kinds}
	}
	if h.end > 0 && !h.mention && h.kind != kindDate {
		s.sameAsColumn(&h, b[i:h.end])
	}
	return h, next
}

// longer takes another hit where it reaches farther.
func (h *hit) longer(other hit) {
	if other.end > h.end {
		*h = other
	}
}

// first takes another hit where there is none yet, or only a mention that ends before it.
func (h *hit) first(end int, k patternKind) bool {
	if end <= h.end {
		return false
	}
	*h = hit{end: end, kind: k}
	return true
}

// wordPatterns are those that may start with a letter.
func (s *scrubber) wordPatterns(h *hit, b, lim []byte, w *word) {
	i, n := w.start, w.end-w.start
	if s.on[kindURL] && w.end+1 < len(b) && (b[w.end] == ':' || b[w.end] == '.') && h.first(urlAt(b, i, w.end), kindURL) {
		return
	}
	if n <= 8 && s.hexPatterns(h, lim, i, n) {
		return
	}
	if n >= 4 && digitByte(b[i+2]) && s.on[kindIBAN] && h.first(ibanAt(lim, i), kindIBAN) {
		return
	}
	if s.on[kindNationalID] && (n == 2 && h.first(formAt(lim, i, "ll dd dd dd l"), kindNationalID) ||
		w.digits > 0 && nationalWord(b[i:w.end]) && h.first(w.end, kindNationalID)) {
		return
	}
	if w.digits == 0 {
		s.monthPattern(h, lim, w)
	}
	s.mixedPatterns(h, b, w)
}

func (s *scrubber) monthPattern(h *hit, lim []byte, w *word) {
	if !s.on[kindDate] || !dayFollows(lim, w.end) {
		return
	}
	if d, ok := s.months.monthFirst(lim, w); ok {
		if h.first(d.end, kindDate) {
			s.date = d
		}
	}
}

// dayFollows says whether a number stands behind a word that ends at i: most words are done with here.
func dayFollows(b []byte, i int) bool {
	for n := 0; n < 2 && i < len(b) && (b[i] == ' ' || b[i] == '.'); n++ {
		i++
	}
	return i < len(b) && digitByte(b[i])
}

// hexPatterns are those of digits in base 16: the first group has n.
func (s *scrubber) hexPatterns(h *hit, lim []byte, i, n int) bool {
	if i+n >= len(lim) || !hexByte(lim[i]) {
		return false
	}
	switch sep := lim[i+n]; {
	case n == 8 && sep == '-' && s.on[kindUUID] && h.first(uuidAt(lim, i), kindUUID):
	case (n == 2 && (sep == ':' || sep == '-') || n == 4 && sep == '.') && s.on[kindMAC] && h.first(macAt(lim, i), kindMAC):
	case n <= 4 && sep == ':' && s.on[kindIP] && h.first(ipv6At(lim, i), kindIP):
	default:
		return false
	}
	return true
}

// mixedPatterns are words of letters and digits.
func (s *scrubber) mixedPatterns(h *hit, b []byte, w *word) {
	if s.on[kindSecret] && w.start >= s.looked && (w.end-w.start >= 16 || w.end < len(b) && b[w.end] != ' ') {
		end := 0
		if end, s.looked = secretAt(b, w.start); h.first(end, kindSecret) {
			return
		}
	}
	if s.on[kindNumber] && w.digits >= 6 {
		h.first(w.end, kindNumber)
	}
}

// digitPatterns are those that start with a digit.
func (s *scrubber) digitPatterns(h *hit, b, lim []byte, w *word) {
	i, n := w.start, w.end-w.start
	if n <= 8 && s.hexPatterns(h, lim, i, n) || s.on[kindIP] && n <= 3 && h.first(ipv4At(lim, i), kindIP) {
		return
	}
	if s.on[kindDate] && n >= 3 && n <= 4 {
		if d, ok := s.months.ordinalAt(lim, i, w.end); ok && h.first(d.end, kindDate) {
			s.date = d
			return
		}
	}
	if s.on[kindNationalID] && w.digits < n && nationalWord(b[i:w.end]) && h.first(w.end, kindNationalID) {
		return
	}
	s.numberPatterns(h, lim, i)
	if !h.mention || h.end < w.end {
		s.mixedPatterns(h, b, w)
	}
}

// numberPatterns are groups of digits: those of a column first, then what a state or bank would know, then the rest.
func (s *scrubber) numberPatterns(h *hit, lim []byte, i int) {
	r := &s.numbers
	r.gather(lim, i)
	if r.n == 0 {
		return
	}
	if m := s.mentions.number(r); m.end > h.end {
		*h = hit{end: m.end, mention: true, of: m}
		return
	}
	if s.on[kindDate] || len(s.mentions.dates) > 0 {
		if d, ok := s.months.dateAt(lim, r); ok && h.first(d.end, kindDate) {
			s.date = d
			return
		}
	}
	switch {
	case s.on[kindPAN] && h.first(r.pan(), kindPAN):
	case s.on[kindNationalID] && h.first(r.nationalNumber(), kindNationalID):
	case s.on[kindPhone] && h.first(r.phone(), kindPhone):
	case s.on[kindNumber]:
		h.first(r.number(), kindNumber)
	}
}

// sameAsColumn makes a hit of a pattern one of the column that holds the same letters and digits.
func (s *scrubber) sameAsColumn(h *hit, text []byte) {
	for i := range s.mentions.columns {
		if source := s.mentions.columns[i].source; len(source) > 0 && sameCharacters(source, text) {
			*h = hit{end: h.end, mention: true, of: mention{column: i, part: -1, parts: 1, end: h.end}}
			return
		}
	}
}

// sameCharacters compares ASCII letters, without case, and digits; nothing else counts.
func sameCharacters(a, b []byte) bool {
	i, j, same := 0, 0, 0
	for {
		for i < len(a) && !alnumByte(a[i]) {
			i++
		}
		for j < len(b) && !alnumByte(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b) && same > 0
		}
		if a[i] != b[j] && (!letterByte(a[i]) || a[i]|0x20 != b[j]|0x20) {
			return false
		}
		i, j, same = i+1, j+1, same+1
	}
}

// cut makes a result fit the column: it ends before a word, so that no part of one is left.
func (s *scrubber) cut(dst []byte, start int) []byte {
	out := dst[start:]
	if s.room == 0 || len(out) <= s.room || !s.inBytes && utf8.RuneCount(out) <= s.room {
		return dst
	}
	at := s.room
	if !s.inBytes {
		at = skip(out, s.room)
	}
	for at > 0 && (!utf8.RuneStart(out[at]) || glued(out, at) && endsInWord(out[:at])) {
		at--
	}
	for at > 0 && out[at-1] == ' ' {
		at--
	}
	if at == 0 {
		return append(dst[:start], s.mark...)
	}
	return dst[:start+at]
}

func endsInWord(b []byte) bool {
	r, _ := utf8.DecodeLastRune(b)
	return r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || foldRune(r).kind != runeOther
}
