package document

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// Hstore treats the text that hstore_out writes: "key"=>"value", "key"=>NULL.
type Hstore struct {
	keys         map[string]*Part
	other, names *Part // treatments for "*" and "*~"; nil where not listed
	seen         map[uint64]struct{}
	key, text    []byte // scratch memory
	made         []byte
}

// NewHstore returns an Hstore whose values have these treatments, by key. "*" covers all other values. "*~" treats the
// keys that are not listed.
func NewHstore(parts map[string]*Part) *Hstore {
	h := &Hstore{keys: map[string]*Part{}, seen: map[uint64]struct{}{}}
	for key, p := range parts {
		switch key {
		case "*":
			h.other = p
		case "*~":
			h.names = p
		default:
			h.keys[key] = p
		}
	}
	return h
}

// ReadsHstore reports whether a text is hstore as PostgreSQL prints it.
func ReadsHstore(text []byte) bool {
	h := NewHstore(map[string]*Part{"*": {to: identity{}}})
	_, _, err := h.Append(nil, transform.Cell{Text: text}, nil)
	return err == nil
}

func (h *Hstore) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if len(h.seen) > 0 {
		clear(h.seen)
	}
	b := in.Text
	for first := true; len(b) > 0; first = false {
		if !first {
			if len(b) < 3 || b[0] != ',' || b[1] != ' ' {
				return dst, false, faultHstore.err()
			}
			dst, b = append(dst, ", "...), b[2:]
		}
		var err error
		if dst, b, err = h.pair(dst, b, row); err != nil {
			return dst, false, err
		}
	}
	return dst, false, nil
}

func (h *Hstore) pair(dst, b []byte, row transform.Row) (out, rest []byte, err error) {
	var ok bool
	if h.key, b, ok = hstoreText(h.key[:0], b); !ok || len(b) < 3 || b[0] != '=' || b[1] != '>' {
		return dst, b, faultHstore.err()
	}
	b = b[2:]
	part, listed := h.keys[string(h.key)]
	if !listed {
		part = h.other
	}
	if part == nil {
		return dst, b, faultHstoreKey.err()
	}
	if dst, err = h.name(dst, listed, row); err != nil {
		return dst, b, err
	}
	dst = append(dst, "=>"...)
	if b[0] != '"' {
		if len(b) < 4 || string(b[:4]) != "NULL" {
			return dst, b, faultHstore.err()
		}
		return append(dst, "NULL"...), b[4:], nil
	}
	if h.text, b, ok = hstoreText(h.text[:0], b); !ok {
		return dst, b, faultHstore.err()
	}
	var null bool
	if h.made, null, err = part.append(h.made[:0], transform.Cell{Text: h.text}, row); err != nil {
		return dst, b, err
	}
	if null {
		return append(dst, "NULL"...), b, nil
	}
	return appendHstoreText(dst, h.made), b, nil
}

// name appends the key in h.key, unchanged or treated.
func (h *Hstore) name(dst []byte, listed bool, row transform.Row) ([]byte, error) {
	if h.names == nil {
		return appendHstoreText(dst, h.key), nil
	}
	h.made = append(h.made[:0], h.key...)
	if !listed {
		var null bool
		var err error
		if h.made, null, err = h.names.append(h.made[:0], transform.Cell{Text: h.key}, row); err != nil {
			return dst, err
		}
		if null {
			return dst, faultNullKey.err()
		}
	}
	sum := canon.Hash(0, h.made)
	if _, twice := h.seen[sum]; twice {
		return dst, faultSameKey.err()
	}
	h.seen[sum] = struct{}{}
	return appendHstoreText(dst, h.made), nil
}

// hstoreText reads a quoted text at the start of b. The result rest is the text after it.
func hstoreText(dst, b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return dst, b, false
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return dst, b[i+1:], true
		case c == '\\' && i+1 < len(b):
			i++
			dst = append(dst, b[i])
		default:
			dst = append(dst, c)
		}
	}
	return dst, b, false
}

func appendHstoreText(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
