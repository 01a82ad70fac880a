package values

import "github.com/masker-project/masker/pkg/catalog"

// Of returns an empty collection for a column of a type. It returns nil for a type whose values say nothing, such as
// boolean, double precision, time, uuid, an enum or point. The elements of arrays, the bounds of ranges and the fields
// of composites count as values of their own.
func (l *Looker) Of(t catalog.Type) *Column {
	switch t.Family {
	case catalog.Text, catalog.JSON, catalog.Bytes, catalog.Hstore, catalog.XML:
		return l.Column(t.Family)
	case catalog.Integer, catalog.Numeric, catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Inet, catalog.MAC:
		c := l.Column(catalog.Text)
		c.typed = true
		return c
	case catalog.Composite:
		return l.composite(t)
	case catalog.Array, catalog.Range, catalog.Multirange:
		if t.Elem == nil {
			return nil
		}
		c := l.Of(*t.Elem)
		if c != nil {
			c.array = c.array || t.Family == catalog.Array
			c.ranged = c.ranged || t.Family != catalog.Array
		}
		return c
	}
	return nil
}
