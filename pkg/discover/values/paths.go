package values

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Path is a path that documents of a column have.
type Path struct {
	Path  string         `json:"path"`  // such as $.contact.mail. A key that may be data is *
	Count int            `json:"count"` // how many values the path has
	Types map[string]int `json:"types"` // how many of them are a text, a number, a boolean or null
}

// most limits the places of one column, so that documents whose keys are data cannot fill the memory.
const most = 300

// place is a place in the documents of a column.
type place struct {
	key     string
	seen    int // how many objects have the key
	objects int // how many objects are at the place
	kids    map[string]*place
	types   map[string]int // of the scalars at the place
	values  *Column        // nil until the place has a scalar
}

func newPlace(key string) *place {
	return &place{key: key, kids: map[string]*place{}, types: map[string]int{}}
}

// kid returns the place of a key. If the column already has too many places, kid returns the place of all other keys.
func (c *Column) kid(p *place, key string) *place {
	if k := p.kids[key]; k != nil {
		return k
	}
	if c.places >= most {
		if key = hidden; p.kids[key] != nil {
			return p.kids[key]
		}
		if p.key == hidden {
			return p // a document that is nested too deep
		}
	}
	c.places++
	k := newPlace(key)
	p.kids[key] = k
	return k
}

// scalar looks at a scalar of a document. A text inside a document is not looked at as a document again.
func (c *Column) scalar(p *place, kind, text string) {
	p.types[kind]++
	if kind == "null" || kind == "boolean" {
		return
	}
	if p.values == nil {
		p.values = &Column{looker: c.looker, counts: c.looker.counts()}
	}
	p.values.text([]byte(text))
}

// document looks at a JSON document. Of a broken document, it looks at the part before the break, and counts one value
// more.
func (c *Column) document(text []byte) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := c.walk(d, c.tree); err != nil && err != io.EOF {
		c.looked++
	}
}

// walk looks at the next value of a document. The place p is the place of this value.
func (c *Column) walk(d *json.Decoder, p *place) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		return c.inside(d, p, t)
	case string:
		c.scalar(p, "text", t)
	case json.Number:
		c.scalar(p, "number", t.String())
	case bool:
		c.scalar(p, "boolean", "")
	case nil:
		c.scalar(p, "null", "")
	}
	return nil
}

// inside looks at the members of an object, or at the elements of an array.
func (c *Column) inside(d *json.Decoder, p *place, open json.Delim) error {
	if open == '{' {
		p.objects++
	}
	for d.More() {
		key := element
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key, _ = token.(string)
			if !ordinary.MatchString(key) {
				key = hidden
			}
		}
		k := c.kid(p, key)
		k.seen++
		if err := c.walk(d, k); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

const (
	hidden  = "*"   // the key of all places whose keys may be data
	element = "[*]" // the key of the elements of an array
)

// ordinary is the form of keys that programs choose. The keys of some documents are data, such as mail addresses or numbers.
var ordinary = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_-]{0,39}$`)

// settle returns a copy of the tree. In the copy, all keys of one place that may be data share one place with the key
// *.
func (l *Looker) settle(p *place) *place {
	out := newPlace(p.key)
	out.seen, out.objects, out.values = p.seen, p.objects, p.values
	maps.Copy(out.types, p.types)
	data := l.keysAreData(p)
	for _, key := range slices.Sorted(maps.Keys(p.kids)) {
		k := p.kids[key]
		if key != element && !l.chosen(k, p.objects, data) {
			key = hidden
		}
		settled := *k
		settled.key = key
		if out.kids[key] == nil {
			out.kids[key] = newPlace(key)
		}
		out.kids[key].join(&settled)
	}
	for key, k := range out.kids {
		out.kids[key] = l.settle(k)
	}
	return out
}

// A key counts as chosen by a program if at least these shares of the objects at one place have it.
const (
	always = 0.5  // a key that most objects have
	often  = 0.02 // another key, if it is no given name
	least  = 3    // objects
)

// keysAreData reports whether most objects at a place have keys that no program has chosen, such as the names of users.
// Then a key that only some of the objects have may also be data, even if no list of names has it.
func (l *Looker) keysAreData(p *place) bool {
	keys, seen := 0, 0
	for key, k := range p.kids {
		if key != element && !l.chosen(k, p.objects, false) {
			keys, seen = keys+1, seen+k.seen
		}
	}
	return keys >= few && float64(seen) >= always*float64(p.objects)
}

// chosen reports whether a program chose a key. A key that fewer than 3 objects or fewer than 2 % of them have may be
// data, such as the name of a user. A key with a long number may be data, too. A key that at least half of 20 objects
// or more have was chosen by a program. Any other key counts as chosen if it is not a given name and the argument data
// is false. This argument is the result of keysAreData.
func (l *Looker) chosen(k *place, objects int, data bool) bool {
	share := float64(k.seen) / float64(max(1, objects))
	switch {
	case k.key == hidden || k.seen < least || share < often || numbered(k.key):
		return false
	case objects >= 20 && share >= always:
		return true
	}
	return !data && !l.isName(k.key)
}

// numbered reports whether a key has a number of four digits or more, such as the number of a customer.
func numbered(key string) bool {
	digits := 0
	for _, r := range key {
		if digits++; !unicode.IsDigit(r) {
			digits = 0
		}
		if digits >= 4 {
			return true
		}
	}
	return false
}

// isName reports whether a word of a key is a given name.
func (l *Looker) isName(key string) bool {
	words := strings.FieldsFunc(key, func(r rune) bool { return r == '_' || r == '-' })
	return slices.ContainsFunc(words, func(word string) bool {
		hash, n := l.phrase([]byte(word))
		return n > 0 && l.words[hash]&givenName != 0
	})
}

// join adds what another place has.
func (p *place) join(o *place) {
	p.seen += o.seen
	p.objects += o.objects
	for kind, n := range o.types {
		p.types[kind] += n
	}
	if o.values != nil {
		if p.values == nil {
			p.values = &Column{looker: o.values.looker, counts: o.values.looker.counts()}
		}
		p.values.join(&o.values.counts)
	}
	for key, k := range o.kids {
		if p.kids[key] == nil {
			p.kids[key] = newPlace(key)
		}
		p.kids[key].join(k)
	}
}

// each calls fn for p and for every place below it, in the order of the paths. It leaves out places without scalars.
func (p *place) each(path string, fn func(path string, p *place)) {
	if len(p.types) > 0 {
		fn(path, p)
	}
	for _, key := range slices.Sorted(maps.Keys(p.kids)) {
		step := key
		if key != element {
			step = "." + key
		}
		p.kids[key].each(path+step, fn)
	}
}

// Paths returns the paths that the documents of the column have.
func (c *Column) Paths() (paths []Path) {
	c.looker.settle(c.tree).each("$", func(path string, p *place) {
		n := 0
		for _, k := range p.types {
			n += k
		}
		paths = append(paths, Path{Path: path, Count: n, Types: p.types})
	})
	return paths
}

// pathEvidence returns what the values at the paths fit.
func (c *Column) pathEvidence() (all []Evidence) {
	c.looker.settle(c.tree).each("$", func(path string, p *place) {
		if p.values != nil {
			p.values.path = path
			all = append(all, p.values.judge()...)
		}
	})
	return all
}
