package verify

import (
	"cmp"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
	"github.com/masker-project/masker/pkg/verify/normal"
)

// Collection gathers the fingerprints of a run. Its keys are random and only in memory. Its methods may be called by
// many goroutines.
type Collection struct {
	o     Options
	keys  keys
	fold  *normal.Folding
	store *fingerprint.Store
	start *starts
	room  budget
	known atomic.Pointer[dictionary] // words of dictionaries. After a set is stored here, it is never changed

	mu         sync.Mutex // protects the fields below
	sources    []*source
	byPlace    map[sourceKey]*source
	labels     []label
	classes    map[string]int
	classOf    []int // the class of each label
	workspaces []*workspace
	idle       []*workspace
	sums       map[catalog.Name]*tableSum
	kept       map[Place]bool // the columns that the rules keep
	ofXML      map[Place]bool // for each kept column, whether it has XML documents
	controls   *controls
}

// keys holds one key for each use, so that equal bytes of different uses have different fingerprints.
type keys struct{ value, tail, raw, subject, row fingerprint.Key }

// sourceKey identifies a source. A place may have several sources. A rule with conditions has one source for each of
// its treatments. A path of a document may have one source for texts and one for numbers.
type sourceKey struct {
	place     Place
	treatment string
	family    catalog.Family
}

// New starts a collection.
func New(o Options) *Collection {
	o.Memory = cmp.Or(o.Memory, DefaultMemory)
	c := &Collection{
		o:       o,
		keys:    keys{fingerprint.NewKey(), fingerprint.NewKey(), fingerprint.NewKey(), fingerprint.NewKey(), fingerprint.NewKey()},
		fold:    normal.NewFolding(),
		start:   newStarts(o.Memory/24, o.Advise),
		byPlace: map[sourceKey]*source{},
		classes: map[string]int{},
		sums:    map[catalog.Name]*tableSum{},
		kept:    map[Place]bool{},
		ofXML:   map[Place]bool{},
	}
	c.controls = newControls(c)
	room := o.Memory / 10
	c.room.left.Store(room)
	c.store = fingerprint.NewStore(o.Memory-c.start.memory()-workspaceBytes-room, o.Advise)
	c.known.Store(&dictionary{})
	c.learn(limits())
	return c
}

// limits returns the largest and the smallest signed integer, and the largest unsigned integer, of 32 and of 64 bits.
// They are written without a minus sign. In many columns, these numbers mean "no limit". So they are nobody's personal
// data.
func limits() []string {
	return []string{"2147483647", "2147483648", "4294967295", "9223372036854775807", "9223372036854775808", "18446744073709551615"}
}

// source is what a collection knows of a Source.
type source struct {
	Source
	id       int
	kind     collecting
	person   bool   // each value belongs to one person
	standard uint64 // fingerprint of the default, which nobody chose; 0 if there is none
	unjudged Reason
	labels   [codes]atomic.Uint32 // the label of each code, plus 1; 0 if the source has no label for the code yet
	chosen   choice
	encoded  int64 // rare values that are looked for in other forms, too
	stats    stats // figures of the extents that arrived; protected by the collection
}

// source returns the source of a place, a treatment and a type family. It makes the source if it does not exist.
func (c *Collection) source(s Source) *source {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := sourceKey{s.Place, s.Treatment, s.Type.Family}
	if known, ok := c.byPlace[key]; ok {
		return known
	}
	n := &source{Source: s, id: len(c.sources), kind: collects(s), person: Identifies(s.Class), unjudged: unjudged(s)}
	if s.Default != "" && !n.person {
		form, _ := c.fold.Append(nil, []byte(s.Default))
		n.standard = c.keys.value.Hash(form)
	}
	c.sources = append(c.sources, n)
	c.byPlace[key] = n
	c.learn(s.Dictionary)
	return n
}

func (c *Collection) keep(p Place, t catalog.Type) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[p] = true
	c.ofXML[p] = t.Innermost().Family == catalog.XML
}

// learn adds words of a dictionary to the known words. Many sources have the same dictionary, so usually all of its
// words are known already.
func (c *Collection) learn(words []string) {
	known := c.known.Load()
	var more *dictionary
	var form []byte
	for _, text := range words {
		form, _ = c.fold.Append(form[:0], []byte(text))
		hash := c.keys.value.Hash(form)
		if known.has(hash) || len(form) == 0 {
			continue
		}
		if more == nil {
			more = known.clone()
		}
		more.add(hash)
	}
	if more != nil {
		c.known.Store(more)
	}
}

// knows reports whether the hash is that of a word in a dictionary.
func (c *Collection) knows(hash uint64) bool {
	return c.known.Load().has(hash)
}

// label returns the label of a code of a source. It makes the label when the code is used for the first time.
func (c *Collection) label(s *source, k code) uint32 {
	if l := s.labels[k].Load(); l > 0 {
		return l - 1
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.labelled(s, k)
}

// labelled does the same as label, for a caller that holds the lock.
func (c *Collection) labelled(s *source, k code) uint32 {
	if l := s.labels[k].Load(); l > 0 {
		return l - 1
	}
	name := k.class(s)
	class, ok := c.classes[name]
	if !ok {
		class = len(c.classes)
		c.classes[name] = class
	}
	c.labels = append(c.labels, label{s, k})
	c.classOf = append(c.classOf, class)
	s.labels[k].Store(uint32(len(c.labels)))
	return uint32(len(c.labels) - 1)
}

// workspace holds the buffers that a collector needs during an extent. Workspaces are large. So a collector takes a
// workspace when an extent begins, and returns it when the extent ends.
type workspace struct {
	writer *fingerprint.Writer
}

// workspaceBytes is the memory that is set aside for workspaces.
const workspaceBytes = 4 << 20

func (c *Collection) takeWorkspace() *workspace {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.idle); n > 0 {
		d := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return d
	}
	d := &workspace{writer: c.store.Writer()}
	c.workspaces = append(c.workspaces, d)
	return d
}

func (c *Collection) returnWorkspace(d *workspace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, d)
}

// Seal ends the collection, and decides which values are rare. No collector may be used afterwards. Seal returns an
// error if the rules treat too many columns and paths.
func (c *Collection) Seal() (*Set, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chosen, forms := c.prepare()
	if len(c.labels) >= 1<<fingerprint.LabelBits {
		return nil, errors.New("the rules treat too many columns and paths for verify: strict; use verify: counts for this flow")
	}
	for _, d := range c.workspaces {
		d.writer.Flush()
	}
	c.workspaces, c.idle = nil, nil
	people, rows := c.ofPeople()
	set := c.store.Seal(fingerprint.Rules{
		Classes: c.classOf, People: people, Rows: rows, Exempt: c.knows, Workers: c.o.Workers, Room: forms,
		More: func(rare func(uint64, uint32) bool) [][]fingerprint.Entry { return c.encode(chosen, rare) },
	})
	return newSet(c, set), nil
}

// ofPeople says for each label whether each of its values belongs to one person, and how many rows have a value of its
// source.
func (c *Collection) ofPeople() (people []bool, rows []int64) {
	people, rows = make([]bool, len(c.labels)), make([]int64, len(c.labels))
	for i, l := range c.labels {
		people[i], rows[i] = l.source.person, l.source.stats.cells
	}
	return people, rows
}
