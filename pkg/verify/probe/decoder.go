package probe

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// decoderFor returns the decoder for the values of a place. The values are in COPY binary, or text without the
// escapes of COPY. ok is false for types whose binary form this package does not decode. The server has to cast such
// values to text. Types that are not looked at get a decoder that skips their values.
func decoderFor(p Prober, place verify.Place, t catalog.Type, binary bool) (d decoder, ok bool) {
	switch t.Family {
	case catalog.Float, catalog.Boolean, catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Time, catalog.Interval,
		catalog.Enum, catalog.Geometric, catalog.Bits, catalog.Money:
		return &skipped{p.Target(place), verify.OfType}, true
	case catalog.Range, catalog.Multirange:
		return ranges(p, place, t, binary)
	case catalog.Array:
		return arrays(p, place, t, binary)
	case catalog.Composite:
		return composites(p, place, t, binary)
	case catalog.JSON:
		d = &document{root: newTree(p, place, true), whole: p.Target(place)}
		if binary && t.Base == "jsonb" {
			d = &decoded{decode: appendJSONB, next: d}
		}
		return d, true
	case catalog.Hstore:
		return &hstoreText{root: newTree(p, place, false)}, !binary
	case catalog.Text, catalog.XML:
		return &text{p.Target(place)}, true
	case catalog.Bytes:
		if binary {
			return &bytea{p.Target(place)}, true
		}
		return &hexBytea{to: p.Target(place)}, true
	case catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Inet, catalog.MAC:
		return scalars(p.Target(place), t.Family, binary), true
	}
	return &text{p.Target(place)}, !binary
}

// scalars returns the decoder for values that are looked up whole.
func scalars(to Target, f catalog.Family, binary bool) decoder {
	if !binary {
		if f == catalog.Integer || f == catalog.Numeric {
			return &number{to}
		}
		return &cell{to}
	}
	switch f {
	case catalog.Integer:
		return &integer{to: to}
	case catalog.Numeric:
		return &numeric{number: number{to}}
	case catalog.UUID:
		return &decoded{decode: appendUUID, next: &cell{to}}
	case catalog.MAC:
		return &decoded{decode: appendMAC, next: &cell{to}}
	}
	return &decoded{decode: appendInet, next: &cell{to}}
}

// ranges returns the decoder for ranges. It looks at ranges only if values of their subtype are looked at.
func ranges(p Prober, place verify.Place, t catalog.Type, binary bool) (decoder, bool) {
	inner := t.Elem
	for inner != nil && inner.Family == catalog.Range { // a multirange consists of ranges
		inner = inner.Elem
	}
	if inner != nil {
		if d, ok := decoderFor(p, place, *inner, false); ok {
			if s, skips := d.(*skipped); skips {
				return s, true
			}
		}
	}
	return &text{p.Target(place)}, !binary
}

// arrays returns the decoder for arrays. The elements count as values of the place where the array is.
func arrays(p Prober, place verify.Place, t catalog.Type, binary bool) (decoder, bool) {
	if t.Elem == nil {
		return &text{p.Target(place)}, !binary
	}
	d, ok := decoderFor(p, place, *t.Elem, binary)
	switch s := d.(type) {
	case *skipped:
		return s, true
	}
	if binary {
		return &array{d, p.Target(place)}, ok
	}
	return &arrayText{elem: d, to: p.Target(place)}, ok
}

// composites returns the decoder for composites. Each field is a place.
func composites(p Prober, place verify.Place, t catalog.Type, binary bool) (decoder, bool) {
	fields, all := make([]decoder, len(t.Fields)), true
	for i, f := range t.Fields {
		at := place
		if at.Path != "" {
			at.Path += " > "
		}
		at.Path += f.Name
		d, ok := decoderFor(p, at, f.Type, binary)
		fields[i], all = d, all && ok
	}
	if binary {
		return &composite{fields}, all
	}
	return &compositeText{fields: fields}, all
}
