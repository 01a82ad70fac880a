package verify

import (
	"bytes"
	"cmp"
	"crypto/md5" // to look for leaks in this form
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// encodeSome offers a value to the choice of its source, unless the choice has the value already.
func (l *Leaf) encodeSome(raw []byte, hash uint64, k code) {
	c := &l.source.chosen
	if c.passes(hash) && l.w.c.store.Takes(hash) && !c.known.has(hash) {
		c.offer(&l.w.c.room, hash, k, raw)
	}
}

// mostForms is the largest number of forms that an encoder makes of one value.
const mostForms = 22

// moreOfDigits is the largest number of further forms that an encoder makes if the value is a number.
const moreOfDigits = 18

// encoder makes the other forms of chosen values. It belongs to one goroutine. Percent-encoding is not among the forms,
// because texts are decoded before they are looked up.
type encoder struct {
	c       *Collection
	from    *source // the source of the current value
	encoded []byte
	folded  []byte
	digits  []byte
	starts  beginnings
	entries []fingerprint.Entry
	full    [][]fingerprint.Entry
}

// listSize is the number of entries in a list. One growing list would be copied again and again, and would need more
// memory.
const listSize = 1 << 14

// prepare makes the labels of all forms of the chosen values. It returns the sources that have chosen values, and the
// largest number of forms. The caller holds the lock of the collection.
func (c *Collection) prepare() (list []*source, forms int) {
	for _, from := range c.sources {
		if len(from.chosen.list) == 0 {
			continue
		}
		for k := reversed; k <= sha256Bytes; k++ {
			c.labelled(from, k)
		}
		numbers := 0
		for _, v := range from.chosen.list {
			if d := v.code.digits(); d > 0 {
				c.labelled(from, inDigits(reversedDigits, d))
				numbers++
			}
		}
		list = append(list, from)
		forms += mostForms*min(len(from.chosen.list), leastChosen) + moreOfDigits*min(numbers, leastChosen)
	}
	return list, forms
}

// encode returns the fingerprints of all forms of chosen values that are rare. It encodes at most leastChosen values of
// each source, and no common value.
func (c *Collection) encode(list []*source, rare func(hash uint64, label uint32) bool) (all [][]fingerprint.Entry) {
	var next atomic.Int64
	var wait sync.WaitGroup
	var merge sync.Mutex
	for range max(c.o.Workers, 1) {
		wait.Go(func() {
			e := &encoder{c: c, starts: beginnings{to: c.start}}
			for i := next.Add(1) - 1; i < int64(len(list)); i = next.Add(1) - 1 {
				e.source(list[i], rare)
			}
			e.starts.flush()
			merge.Lock()
			defer merge.Unlock()
			all = append(append(all, e.full...), e.entries)
		})
	}
	wait.Wait()
	return all
}

// source encodes the chosen values of a source. If the source has more chosen values than are needed, the hashes of the
// values decide which values are encoded.
func (e *encoder) source(from *source, rare func(hash uint64, label uint32) bool) {
	e.from = from
	chosen := &from.chosen
	list := slices.DeleteFunc(chosen.list, func(v chosenValue) bool { return !rare(v.hash, e.label(v.code)) })
	slices.SortFunc(list, func(a, b chosenValue) int { return cmp.Compare(a.hash<<8, b.hash<<8) })
	list = list[:min(len(list), leastChosen)]
	from.encoded = int64(len(list))
	for _, v := range list {
		e.encode(chosen.text(v), v.code.digits() > 0)
	}
	chosen.list, chosen.texts = nil, nil
	chosen.known.clear()
}

func (e *encoder) label(k code) uint32 { return e.from.labels[k].Load() - 1 }

func (e *encoder) encode(raw []byte, digits bool) {
	e.folded, _ = e.c.fold.Append(e.folded[:0], raw)
	e.reverse(e.folded, digits)
	if digits {
		e.number(raw)
	}
	e.encoded = base64.StdEncoding.AppendEncode(e.encoded[:0], raw)
	e.fold(base64Form)
	e.encoded = hex.AppendEncode(append(e.encoded[:0], "0x"...), raw)
	e.add(hexForm, e.encoded)
	e.add(hexForm, e.encoded[2:])
	e.digests(raw)
	if lower := bytes.TrimSpace(bytes.ToLower(raw)); !bytes.Equal(lower, raw) {
		e.digests(lower)
	}
}

// number adds the digests of a number without its separators, and with + in front of it if the value begins with +.
// Lists of customers that a company gives to an advertising service have such digests.
func (e *encoder) number(raw []byte) {
	e.digits = append(append(e.digits[:0], '+'), e.folded...)
	if !bytes.Equal(e.folded, raw) {
		e.digests(e.digits[1:])
	}
	if raw[0] == '+' && !bytes.Equal(e.digits, raw) {
		e.digests(e.digits)
	}
}

// enter adds a fingerprint.
func (e *encoder) enter(k code, hash uint64) {
	if len(e.entries) == listSize {
		e.full, e.entries = append(e.full, e.entries), make([]fingerprint.Entry, 0, listSize)
	}
	e.entries = append(e.entries, fingerprint.Entry{Hash: hash, Mark: fingerprint.NewMark(0, e.label(k))})
}

// add adds the fingerprint of a form. Such a form is looked for in whole cells and within texts.
func (e *encoder) add(k code, form []byte) {
	e.starts.add(form)
	e.enter(k, e.c.keys.value.Hash(form))
}

// fold adds the normal form of an encoded value. It is not called for a value in hexadecimal digits, which already is
// in normal form.
func (e *encoder) fold(k code) {
	e.folded, _ = e.c.fold.Append(e.folded[:0], e.encoded)
	e.add(k, e.folded)
}

// reverse adds the reversed form, unless it is equal to the form itself.
func (e *encoder) reverse(form []byte, digits bool) {
	e.encoded = e.encoded[:0]
	for rest := form; len(rest) > 0; {
		r, size := utf8.DecodeLastRune(rest)
		e.encoded = utf8.AppendRune(e.encoded, r)
		rest = rest[:len(rest)-size]
	}
	switch {
	case bytes.Equal(e.encoded, form):
	case digits:
		e.enter(inDigits(reversedDigits, len(form)), e.c.keys.value.Hash(e.encoded))
	default:
		e.add(reversed, e.encoded)
	}
}

func (e *encoder) digests(value []byte) {
	a, b, c := md5.Sum(value), sha1.Sum(value), sha256.Sum256(value)
	e.digest(md5Hex, md5Base64, md5Bytes, a[:])
	e.digest(sha1Hex, sha1Base64, sha1Bytes, b[:])
	e.digest(sha256Hex, sha256Base64, sha256Bytes, c[:])
}

func (e *encoder) digest(inHex, inBase64, asBytes code, sum []byte) {
	e.encoded = hex.AppendEncode(e.encoded[:0], sum)
	e.add(inHex, e.encoded)
	e.encoded = base64.StdEncoding.AppendEncode(e.encoded[:0], sum)
	e.fold(inBase64)
	e.enter(asBytes, e.c.keys.raw.Hash(sum))
}
