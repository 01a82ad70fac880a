package document

import (
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// holds reports whether a condition is true for the value at d.at. It leaves d.at unchanged.
func (d *JSON) holds(t *test) (bool, error) {
	start := d.at
	defer func() { d.at = start }()
	for _, key := range t.keys {
		found, err := d.find(key)
		if err != nil || !found {
			return t.kind != 0 && t.negate && err == nil, err
		}
	}
	if t.kind == 0 {
		return true, nil
	}
	equal, err := d.equals(t)
	return equal != t.negate && err == nil, err
}

// find moves to the value of a key in the object at d.at. It returns an error if the key occurs twice, because readers
// of JSON disagree about which of the two values counts.
func (d *JSON) find(key string) (bool, error) {
	if d.next() != '{' {
		return false, nil
	}
	d.at++
	at := -1
	for first := true; ; first = false {
		c := d.next()
		if c == '}' && first {
			return false, nil
		}
		if c != '"' {
			return false, faultJSON.err()
		}
		var err error
		if d.word, err = d.decodeString(d.word[:0]); err != nil {
			return false, err
		}
		if d.next() != ':' {
			return false, faultJSON.err()
		}
		d.at++
		if string(d.word) == key {
			if at >= 0 {
				return false, faultSameKey.err()
			}
			at = d.at
		}
		if err = d.skip(0); err != nil {
			return false, err
		}
		switch d.next() {
		case ',':
			d.at++
		case '}':
			if at >= 0 {
				d.at = at
			}
			return at >= 0, nil
		default:
			return false, faultJSON.err()
		}
	}
}

// equals compares the value at d.at with a condition's literal.
func (d *JSON) equals(t *test) (bool, error) {
	c := d.next()
	start := d.at
	switch {
	case c == '"' && t.kind == '"':
		var err error
		d.word, err = d.decodeString(d.word[:0])
		return string(d.word) == t.value, err
	case (c == '-' || '0' <= c && c <= '9') && t.kind == '0':
		err := d.skip(0)
		d.word = canon.AppendNumber(d.word[:0], d.in[start:d.at])
		return string(d.word) == t.value, err
	}
	return c == t.kind && c != '"' && c != '0', d.skip(0)
}

// isJSONNumber reports whether b is a JSON number.
func isJSONNumber(b []byte) bool {
	d := JSON{in: b}
	return len(b) > 0 && (b[0] == '-' || '0' <= b[0] && b[0] <= '9') && d.skipNumber() == nil && d.at == len(b)
}

// pathOf returns the path of a value for an error. It shows a key as `*` if no listed path names the key, because the
// key may be data.
func (d *JSON) pathOf(trail []int32) string {
	path := "$"
	for _, at := range trail {
		if at == elementStep {
			path += "[*]"
			continue
		}
		path += "." + d.listed(at, "*")
	}
	return path
}

// listed returns the key at an offset, as the paths write the key. If no path names the key, listed returns the
// argument other.
func (d *JSON) listed(at int32, other string) string {
	k := JSON{in: d.in, at: int(at)}
	key, err := k.decodeString(nil)
	if text, ok := d.words[string(key)]; ok && err == nil && utf8.Valid(key) {
		return text[1:]
	}
	return other
}

func (d *JSON) unlisted() error {
	last := len(d.trail) - 1
	in := d.pathOf(d.trail[:last])
	kind, line := d.kind(), in+".KEY"
	where := "an unlisted path below " + in + " (" + kind + ")"
	if at := d.trail[last]; at != elementStep {
		if word := d.listed(at, ""); word != "" {
			line = in + "." + word
			where = "the unlisted path " + line + " (" + kind + ")"
		}
	} else {
		line = in + "[*]"
	}
	return &transform.Error{Code: "unlisted-path", Text: "the document holds " + where + "; " + pathLines(line, kind) + ". masker check --sample names the paths that many documents have"}
}

// pathLines says which lines of a rule file list a path whose value has this kind, and which line covers all paths that
// are not listed.
func pathLines(path, kind string) string {
	switch kind {
	case "object":
		path += ".**"
	case "array":
		path += "[*].**"
	}
	if path == "$" { // $..* is about what is below the document's root
		return "list it (`$: {treat: redact}`, or keep it)"
	}
	return "list it (`" + path + ": {treat: redact}`, or keep it), or cover all paths that are not listed: `\"$..*\": {treat: redact}`"
}

// kind returns the kind of the value that comes next.
func (d *JSON) kind() string {
	switch c := d.next(); {
	case c == '"':
		return "text"
	case c == '{':
		return "object"
	case c == '[':
		return "array"
	case c == 't', c == 'f':
		return "boolean"
	case c == 'n':
		return "null"
	}
	return "number"
}

func (d *JSON) unlistedContainer() error {
	at := d.pathOf(d.trail)
	return &transform.Error{Code: "unlisted-path", Text: "the document holds an object or array at " + at + ", but the listed paths expect something else there; " + pathLines(at, d.kind())}
}

func (d *JSON) scalarAtInner() error {
	at := d.pathOf(d.trail)
	return &transform.Error{Code: "unlisted-path", Text: "the document holds a scalar at " + at + ", but only longer paths are listed; " + pathLines(at, "scalar")}
}
