package verify

import (
	"bytes"
	"sync"
	"sync/atomic"

	"github.com/masker-project/masker/pkg/catalog"
)

// The largest numbers of control values: of one type, and of one place.
const (
	mostOfType  = 4000
	mostOfPlace = 400
)

// controls holds values that the shadow must have in the same column: kept values, and results of treated texts. If the
// verification finds them, its reading, decoding, folding and looking up work.
type controls struct {
	mu      sync.Mutex
	byPlace map[Place]*control
	ofType  map[string]*atomic.Int64
	blind   atomic.Int64 // control values whose normal form or hash was wrong when masker collected them. If there is one, the finding is Blind
}

// control holds the control values of one place.
type control struct {
	kind   string // name of the type
	ofType *atomic.Int64
	n      atomic.Int64
	mu     *sync.Mutex // the mutex of all controls
	hashes hashes
	found  hashes       // values that were found in the shadow; protected by mu
	met    atomic.Int64 // number of values in found
}

// missing reports whether a value has not been found yet. After the call, no value may be added.
func (c *control) missing() bool { return c.met.Load() < int64(c.hashes.n) }

// meet counts a value that is in the shadow.
func (c *control) meet(hash uint64) {
	if !c.hashes.has(hash) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found.add(hash) {
		c.met.Add(1)
	}
}

func newControls(*Collection) *controls {
	return &controls{byPlace: map[Place]*control{}, ofType: map[string]*atomic.Int64{}}
}

// of returns the control of a place.
func (c *controls) of(p Place, kind string) *control {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.byPlace[p]; ok {
		return known
	}
	n, ok := c.ofType[kind]
	if !ok {
		n = &atomic.Int64{}
		c.ofType[kind] = n
	}
	made := &control{kind: kind, ofType: n, mu: &c.mu}
	c.byPlace[p] = made
	return made
}

func (c *control) full() bool { return c.n.Load() >= mostOfPlace || c.ofType.Load() >= mostOfType }

// add adds a value, and reports whether it is new.
func (c *control) add(hash uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.hashes.add(hash) {
		return false
	}
	c.n.Add(1)
	c.ofType.Add(1)
	return true
}

// Control gets the values of one kept column while the rows are copied. It chooses values that the verification has to
// find again, and adds each of them to the controls of the column once.
type Control struct {
	w       *Collector
	control *control
	seen    hashes // values that the Control has added. A column may have few different values in many rows
	again   int    // number of values since the last new one
}

// mostAgain limits how many known values a Control sees one after the other. When it has seen so many without a new
// value, it wants no more values: the column has few different values.
const mostAgain = 4096

// Control returns the Control of a kept column. It returns nil if the level is not Strict, or if values of the type
// cannot be controls. It must be called for each kept column, so that the collection knows all kept columns. Names in
// all other columns may be invented.
func (w *Collector) Control(p Place, t catalog.Type) *Control {
	w.c.keep(p, t)
	if w.c.o.Level != Strict {
		return nil
	}
	switch t.Family {
	case catalog.Text, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Inet, catalog.MAC:
		return &Control{w: w, control: w.c.controls.of(p, t.Base)}
	}
	return nil
}

// Wanted reports whether the Control wants the value of the current row. The caller decodes the cell only if Wanted
// returns true.
func (c *Control) Wanted() bool { return c.again < mostAgain && !c.control.full() }

// See gets the value of the current row, as PostgreSQL prints it. It is called only if Wanted returned true, and not
// for NULL.
func (c *Control) See(value []byte) {
	if len(value) > longestValue {
		return
	}
	form, _ := c.w.c.fold.Append(c.w.scratch.form[:0], value)
	c.w.scratch.form = form
	hash := c.w.c.keys.value.Hash(form)
	if c.again++; !c.seen.add(hash) {
		return
	}
	c.again = 0
	if !tells(value, c.fingerprint) {
		c.w.c.controls.blind.Add(1)
	}
	if len(form) > 0 {
		c.control.add(hash)
	}
}

// fingerprint returns the fingerprint of a value, computed in the same way as for collecting and looking up.
func (c *Control) fingerprint(value []byte) uint64 {
	c.w.scratch.after, _ = c.w.c.fold.Append(c.w.scratch.after[:0], value)
	return c.w.c.keys.value.Hash(c.w.scratch.after)
}

// tells reports whether a function of fingerprints works for a value. The fingerprint must change if the first or the
// last ASCII letter or digit of the value changes. If the whole value is ASCII, the fingerprint must stay the same when
// the case changes. A fault in the normal form or in the hash would be on both sides of the comparison, so it could
// hide leaks.
func tells(value []byte, fingerprint func([]byte) uint64) bool {
	first, last := bytes.IndexFunc(value, plain), bytes.LastIndexFunc(value, plain)
	if first < 0 {
		return true
	}
	hash := fingerprint(value)
	for _, i := range []int{first, last} {
		changed := bytes.Clone(value)
		changed[i] = replaced(value[i])
		if fingerprint(changed) == hash {
			return false
		}
	}
	return !ascii(value) || fingerprint(bytes.ToUpper(value)) == hash
}

func plain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func ascii(value []byte) bool {
	return bytes.IndexFunc(value, func(r rune) bool { return r >= 0x80 }) < 0
}

// replaced returns another letter or digit.
func replaced(b byte) byte {
	switch b {
	case 'z', 'Z', '9':
		return b - 1
	}
	return b + 1
}
