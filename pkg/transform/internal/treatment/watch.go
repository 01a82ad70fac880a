package treatment

import "github.com/masker-project/masker/pkg/transform"

// Seen returns the Leaf that sees what a treatment makes of a column's values. u.Watch chooses this Leaf. If u.Watch is
// nil, Seen returns nil.
func Seen(c transform.Column, u transform.Use, t transform.Traits) transform.Leaf {
	if u.Watch == nil {
		return nil
	}
	return u.Watch(transform.Place{Path: u.At, Type: c.Type, Use: u, Traits: t})
}
