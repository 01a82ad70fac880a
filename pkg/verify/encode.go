package verify

import (
	"bytes"
	"crypto/md5" // to look for leaks in this form
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// choice chooses values of a source, each of them once. At first it chooses all values. After mostChosen values it chooses
// only a part of the values that come, by their hashes, and later a smaller part. So it chooses enough values of a small
// source, and not too many values of a large source. Many goroutines share a choice.
type choice struct {
	level  atomic.Uint32
	mu     sync.Mutex
	chosen hashes // values that were chosen at this level
}

const (
	mostChosen  = 10_000 // after so many values, a smaller part of the values is chosen
	fewerChosen = 6      // the smaller part is one in 2^6 of the part before
	chosenFrom  = 40     // the lowest bit of the hash that decides whether a value passes
)

// passes reports whether a value may be chosen.
func (c *choice) passes(hash uint64) bool {
	return hash>>chosenFrom&(1<<min(c.level.Load(), 16)-1) == 0
}

// takes reports whether a value is chosen now.
func (c *choice) takes(hash uint64) bool {
	if !c.passes(hash) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.chosen.has(hash) {
		return false
	}
	if c.chosen.n >= mostChosen {
		c.level.Add(fewerChosen)
		c.chosen = hashes{}
	}
	return c.chosen.add(hash)
}

// encodeSome adds the other forms of a value, if the value is chosen. If encodeSome was called for the same value recently,
// it does nothing. Percent-encoding is not among the forms, because texts are decoded before they are looked up.
func (l *Leaf) encodeSome(raw []byte, value form, digits bool) {
	if !l.source.chosen.passes(value.hash) {
		return
	}
	offer := value.hash ^ uint64(l.source.id)*0x9e3779b97f4a7c15
	recent := &l.w.desk.offered[offer%uint64(len(l.w.desk.offered))]
	if *recent == offer {
		return
	}
	*recent = offer
	if !l.source.chosen.takes(value.hash) {
		return
	}
	l.reverse(value.text, digits)
	s := &l.w.scratch
	s.encoded = base64.StdEncoding.AppendEncode(s.encoded[:0], raw)
	l.encoded(base64Form, s.encoded)
	s.encoded = hex.AppendEncode(s.encoded[:0], raw)
	l.add(hexForm, s.encoded)
	l.digests(raw)
	if folded := bytes.TrimSpace(bytes.ToLower(raw)); !bytes.Equal(folded, raw) {
		l.digests(folded)
	}
}

// reverse adds the reversed form, unless it is equal to the form itself.
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

// encoded adds the normal form of an encoded value. A value in hexadecimal digits already is in normal form.
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
	l.add(inHex, s.encoded)
	s.encoded = base64.StdEncoding.AppendEncode(s.encoded[:0], sum)
	l.encoded(inBase64, s.encoded)
	l.enter(asBytes, l.w.c.keys.raw.Hash(sum))
}
