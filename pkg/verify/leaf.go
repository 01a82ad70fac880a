package verify

import (
	"encoding/hex"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/normal"
)

// The limits of what is collected. shortest and shortestWord are in bytes of the normal form, shortestDigits is in
// digits, and longestValue is in bytes of the value.
const (
	shortest       = 6
	shortestWord   = 3
	shortestDigits = 9
	longestValue   = 4096
)

// collecting says what is collected of a source.
type collecting uint8

const (
	nothing collecting = iota
	values
	objects // values that are bytes
)

// collects says what is collected of a source, by its type and treatment. Values of types such as dates, times,
// booleans, enums, floats and shapes are equal by chance too often. Texts whose treatment keeps most of a text must be
// in the target.
func collects(s Source) collecting {
	switch s.Type.Family {
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Time, catalog.Interval, catalog.Boolean, catalog.Enum, catalog.Float,
		catalog.Geometric, catalog.Bits, catalog.TSVector, catalog.Range, catalog.Multirange:
		return nothing
	case catalog.Bytes:
		return objects
	}
	if keepsText(s) {
		return nothing
	}
	return values
}

// The treatments that the leak check knows by name.
const (
	scrub   = "scrub"   // removes parts of a text, and leaves the rest
	program = "command" // runs a program. Its disclosure label is always "unchanged"
)

// keepsText reports whether the treatment leaves most of a text as it is.
func keepsText(s Source) bool { return s.Treatment == scrub }

// The disclosure labels that the leak check knows, as plans write them.
const (
	unchanged   = "unchanged"
	generalised = "generalised"
)

// unjudged returns why results of a source are not compared with their own values. If it returns "", they are compared,
// except bytes and long values.
func unjudged(s Source) Reason {
	switch {
	case s.Treatment == program:
	case s.Label == unchanged:
		return Stays
	case s.Label == generalised:
		return Generalises
	}
	if s.Type.Family == catalog.Boolean || s.Type.Family == catalog.Enum {
		return OfType
	}
	return ""
}

// vocabulary reports whether short values without digits are ordinary words of a language. Such values say something
// about a person only if many of them are in one place. This holds for some classes, and for values without a class: a
// short phrase such as "no discount" can be in any text.
func vocabulary(class string) bool {
	switch class {
	case "", "free_text", "city", "region", "street", "company", "job_title", "title", "gender", "initials":
		return true
	}
	return false
}

// A value without digits that has more words or letters than this is not vocabulary.
const (
	mostWords   = 4
	mostLetters = 40
)

// Identifies reports whether each value of a class belongs to one person. Such values are direct identifiers.
func Identifies(class string) bool {
	switch class {
	case "email", "phone", "user_name", "full_name", "pan", "iban", "bank_account", "national_id", "license_plate":
		return true
	}
	return false
}

// part is the part of a person's name that a class holds.
type part uint8

const (
	other part = iota
	given
	family
	full
)

func partOf(class string) part {
	switch class {
	case "given_name":
		return given
	case "family_name":
		return family
	case "full_name":
		return full
	}
	return other
}

// Leaf sees the values of one source before and after their treatment.
type Leaf struct {
	w       *Collector
	source  *source
	part    part
	parent  string // path of the object that holds the leaf
	phone   bool
	stats   stats // figures of the current extent
	aligned aligned
	result  result   // of the current value
	results *control // takes some results as controls. nil if the type is no text, or if the leaf does not see whole cells
	again   int      // number of results since the last new control
	split   normal.Text
	other   []byte // the last family name that decoys got
}

// Leaf returns the Leaf of a source. All leaves are made before the first row.
func (w *Collector) Leaf(s Source) *Leaf {
	l := &Leaf{w: w, source: w.c.source(s), part: partOf(s.Class), parent: parentOf(s.Path), phone: s.Class == "phone", aligned: aligned{keeps: s.Keeps}}
	l.result = result{c: w.c, buf: &w.scratch.after}
	if s.Every && s.Type.Family == catalog.Text {
		l.results = w.c.controls.of(s.Place, s.Type.Base)
	}
	w.leaves = append(w.leaves, l)
	return l
}

// See gets a value of the current row before and after its treatment. nil means NULL. The caller may reuse the slices
// after the call.
func (l *Leaf) See(before, after []byte) {
	if l.w.workspace == nil {
		return
	}
	if after != nil {
		l.stats.results++
	}
	switch {
	case before == nil:
		l.stats.nulls++
		return
	case len(before) == 0:
		l.stats.empty++
		return
	}
	l.stats.cells++
	switch {
	case l.source.kind == objects:
		l.object(before)
		return
	case len(before) > longestValue:
		l.stats.large.add(l.w.c.keys.value.Hash(before))
		return
	case l.source.kind == nothing && l.source.unjudged != "":
		return
	}
	text, shape := l.w.c.fold.Append(l.w.scratch.form[:0], before)
	l.w.scratch.form = text
	value := form{text, l.w.c.keys.value.Hash(text)}
	if l.source.unjudged == "" && after != nil {
		l.compare(value, shape, after)
	}
	if l.source.kind == values {
		l.collect(before, value, shape)
	}
}

// compare counts what a result has in common with its own value, and with other values. It also takes some results as
// controls.
func (l *Leaf) compare(value form, shape normal.Shape, after []byte) {
	if len(after) > longestValue || l.source.Type.Family != catalog.Text && special(value.text) {
		return
	}
	r := &l.result
	r.raw, r.form = after, nil
	if l.results != nil {
		l.control(r)
	}
	if len(value.text) == 0 {
		return
	}
	like := r.beside(value.text)
	if like.Empty {
		return
	}
	l.aligned.see(&l.stats, value, r, like.Equal, l.w.c.knows(value.hash))
	if !like.Equal && l.source.Type.Family == catalog.Text {
		l.aligned.share(&l.stats, value, r, like, shape.Letters == 0)
	}
}

// control takes a result as a control, unless there are enough controls, or the source has few different results.
func (l *Leaf) control(r *result) {
	switch {
	case l.results.full() || l.again == mostAgain:
		l.results = nil
	case len(r.fold()) == 0:
	case l.results.add(r.hash()):
		l.again = 0
	default:
		l.again++
	}
}

// special reports whether a form is that of NaN or an infinity, which treatments may leave as they are.
func special(form []byte) bool { return string(form) == "nan" || string(form) == "infinity" }

// collect adds the fingerprints of a value.
func (l *Leaf) collect(before []byte, value form, shape normal.Shape) {
	form, hash := value.text, value.hash
	if hash == l.source.standard {
		l.stats.standard = true
		return
	}
	kind := shape.Kind()
	if kind == normal.Mixed && shape.Digits == 0 && shape.Tokens <= mostWords && shape.Letters <= mostLetters && vocabulary(l.source.Class) {
		kind = normal.Word
	}
	k := whole
	switch {
	case tooShort(kind, form):
		l.stats.short.add(hash)
		return
	case kind == normal.Word:
		l.enter(word, hash)
		l.name(form, hash)
		return
	case kind == normal.Digits:
		k = inDigits(digitsOf, len(form))
		l.w.c.start.addDigits(len(form))
		if t := normal.Tail(form); l.phone || shape.Looks == normal.Dialled {
			l.enter(tail, l.w.c.keys.tail.Hash(t))
		}
	case l.part == full && shape.Digits == 0 && l.known(before):
		k = knownWhole
	default:
		l.name(form, hash)
	}
	seen, common := l.w.workspace.writer.Seen(hash, l.w.c.label(l.source, k))
	if common {
		return
	}
	if !seen {
		l.first(k, before, value)
	}
	l.enter(k, hash)
}

// first does what is necessary when a value is seen for the first time. It may be called again for the same value.
func (l *Leaf) first(k code, before []byte, value form) {
	if k.digits() == 0 {
		l.w.c.start.add(value.text)
	}
	l.encodeSome(before, value.hash, k)
}

// tooShort reports whether a form is so short that chance finds equal values too often.
func tooShort(kind normal.Kind, form []byte) bool {
	switch kind {
	case normal.Nothing:
		return true
	case normal.Word:
		return len(form) < shortestWord
	case normal.Digits:
		return normal.Significant(form) < shortestDigits
	}
	return len(form) < shortest
}

// name remembers a given or family name, so that pairs can be made when the row ends.
func (l *Leaf) name(form []byte, hash uint64) {
	if l.part != given && l.part != family {
		return
	}
	start := len(l.w.text)
	l.w.text = append(l.w.text, form...)
	l.w.names = append(l.w.names, name{l, start, len(l.w.text), l.w.c.knows(hash)})
}

// known reports whether the first and the last word of a name are in a dictionary. If they are, known also calls
// decoys.
func (l *Leaf) known(value []byte) bool {
	l.w.c.fold.Split(&l.split, value)
	if len(l.split.Tokens) < 2 {
		return false
	}
	first, last := l.split.Tokens[0], l.split.Tokens[len(l.split.Tokens)-1]
	surname := l.split.Form[last.Start:]
	if !l.w.c.knows(l.w.c.keys.value.Hash(l.split.Form[:first.End])) || !l.w.c.knows(l.w.c.keys.value.Hash(surname)) {
		return false
	}
	l.decoys(l.split.Form[:last.Start], surname)
	return true
}

// decoys adds names that probably nobody has: the given name of this row with the last family name that an earlier call
// got, if the two family names differ.
func (l *Leaf) decoys(first, surname []byte) {
	if len(l.other) > 0 && string(l.other) != string(surname) {
		l.w.join(l, decoy, first, l.other)
		l.w.join(l, decoy, l.other, first)
	}
	l.other = append(l.other[:0], surname...)
}

// enter remembers a fingerprint until the subject of the row is known.
func (l *Leaf) enter(k code, hash uint64) {
	if l.w.c.store.Takes(hash) {
		l.w.pending = grown(l.w.pending)
		p := &l.w.pending[len(l.w.pending)-1]
		p.hash, p.label, p.person = hash, l.w.c.label(l.source, k), l.source.person
	}
}

// add enters the fingerprint of a form. Such a form is looked for in whole cells and within texts.
func (l *Leaf) add(k code, form []byte) {
	l.w.c.start.add(form)
	l.enter(k, l.w.c.keys.value.Hash(form))
}

// object adds the fingerprint of the bytes of a bytea. PostgreSQL prints a bytea as \x and hexadecimal digits.
func (l *Leaf) object(before []byte) {
	const shortestObject = 8 // in bytes
	if len(before) < 2+2*shortestObject {
		l.stats.short.add(l.w.c.keys.raw.Hash(before))
		return
	}
	raw, err := hex.AppendDecode(l.w.scratch.encoded[:0], before[2:])
	l.w.scratch.encoded = raw[:0]
	if err == nil {
		l.enter(rawBytes, l.w.c.keys.raw.Hash(raw))
	}
}

// finite reports whether the treatment draws its results from a limited number of possible results. A treatment that
// computes a result from the value does not draw.
func (s *source) finite() bool {
	return s.Space > 0 && !math.IsInf(s.Space, 1) && s.Label != unchanged && s.Label != generalised
}
