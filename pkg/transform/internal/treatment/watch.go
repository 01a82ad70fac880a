package treatment

import "github.com/masker-project/masker/pkg/transform"

// Seen returns the Leaf of a use on a column. It returns nil if nobody watches the use.
func Seen(c transform.Column, u transform.Use, t transform.Traits) transform.Leaf {
	if u.Watch == nil {
		return nil
	}
	return u.Watch(transform.Place{Path: u.At, Type: c.Type, Use: u, Traits: t})
}
