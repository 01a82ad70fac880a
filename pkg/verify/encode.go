package verify

import (
	"bytes"
	"crypto/md5" // to look for leaks in this form
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync/atomic"
	"unicode/utf8"
)

// choice chooses values by their hashes: all at first, then fewer and fewer. So each column has enough, and none has too many.
type choice struct{ level, chosen atomic.Uint32 }

const (
	mostChosen  = 1 << 14 // values that are chosen before fewer are
	fewerChosen = 4       // one in 2^4 of them then
	chosenFrom  = 40      // the lowest bit of the hash that decides
)

func (c *choice) takes(hash uint64) bool {
	level := c.level.Load()
	if hash>>chosenFrom&(1<<min(level, 16)-1) != 0 {
		return false
	}
	if c.chosen.Add(1) == mostChosen {
		c.level.Store(level + fewerChosen)
		c.chosen.Store(0)
	}
	return true
}

// encodeSome adds the other forms of a value, if the value is chosen and was not encoded a moment ago. Percent-encoding is not among
// them, because texts are decoded before they are looked up.
func (l *Leaf) encodeSome(raw []byte, value form, digits bool) {
	hash := value.hash
	recent := &l.w.desk.encoded[hash>>chosenFrom%uint64(len(l.w.desk.encoded))]
	if *recent == hash || !l.source.chosen.takes(hash) {
		return
	}
	*recent = hash
	l.reverse(value.text, digits)
	s := &l.w.scratch
	s.encoded = base64.StdEncoding.AppendEncode(s.encoded[:0], raw)
	l.encoded(base64Form, s.encoded)
	s.encoded = hex.AppendEncode(s.encoded[:0], raw)
	l.encoded(hexForm, s.encoded)
	l.digests(raw)
	if folded := bytes.TrimSpace(bytes.ToLower(raw)); !bytes.Equal(folded, raw) {
		l.digests(folded)
	}
}

// reverse adds the form backwards, unless that is the form itself.
func (l *Leaf) reverse(form []byte, digits bool) {
	s := &l.w.scratch
	s.encoded = s.encoded[:0]
	for rest := form; len(rest) > 0; {
		r, size := utf8.DecodeLastRune(rest)
		s.encoded = utf8.AppendRune(s.encoded, r)
		rest = rest[:len(rest)-size]
	}
	switch {
	case bytes.Equal(s.encoded, form):
	case digits:
		l.enter(inDigits(reversedDigits, len(form)), l.w.c.keys.value.Hash(s.encoded))
	default:
		l.add(reversed, s.encoded)
	}
}

// encoded adds the normal form of a text.
func (l *Leaf) encoded(k code, text []byte) {
	l.w.scratch.after, _ = l.w.c.fold.Append(l.w.scratch.after[:0], text)
	l.add(k, l.w.scratch.after)
}

func (l *Leaf) digests(value []byte) {
	a, b, c := md5.Sum(value), sha1.Sum(value), sha256.Sum256(value)
	l.digest(md5Hex, md5Base64, md5Bytes, a[:])
	l.digest(sha1Hex, sha1Base64, sha1Bytes, b[:])
	l.digest(sha256Hex, sha256Base64, sha256Bytes, c[:])
}

func (l *Leaf) digest(inHex, inBase64, asBytes code, sum []byte) {
	s := &l.w.scratch
	s.encoded = hex.AppendEncode(s.encoded[:0], sum)
	l.encoded(inHex, s.encoded)
	s.encoded = base64.StdEncoding.AppendEncode(s.encoded[:0], sum)
	l.encoded(inBase64, s.encoded)
	l.enter(asBytes, l.w.c.keys.raw.Hash(sum))
}
