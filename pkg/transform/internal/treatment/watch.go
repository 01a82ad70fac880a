package treatment

import "github.com/masker-project/masker/pkg/transform"

// Seen returns the observer of a treatment on a column, which u.Watch makes. If u.Watch is nil, Seen returns nil.
func Seen(c transform.Column, u transform.Use, t transform.Traits) transform.Leaf {
	if u.Watch == nil {
		return nil
	}
	return u.Watch(transform.Place{Path: u.At, Type: c.Type, Use: u, Traits: t})
}
