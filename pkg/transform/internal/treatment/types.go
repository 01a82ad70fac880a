package treatment

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// TextType returns a text type for examples. The argument n is the length limit, and 0 means no limit.
func TextType(n int) catalog.Type {
	if n == 0 {
		return catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	}
	return catalog.Type{Name: "character varying", Base: "varchar", Family: catalog.Text, MaxLen: n}
}

// IDType returns the type of a subject in examples.
func IDType() catalog.Type {
	return catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32}
}

// DateType returns the type date for examples.
func DateType() catalog.Type {
	return catalog.Type{Name: "date", Base: "date", Family: catalog.Date}
}

// StampTZType returns the type timestamptz for examples.
func StampTZType() catalog.Type {
	return catalog.Type{Name: "timestamp with time zone", Base: "timestamptz", Family: catalog.TimestampTZ}
}

// MoneyType returns the type numeric(10,2) for examples.
func MoneyType() catalog.Type {
	const precision, scale = 10, 2
	return catalog.Type{Name: fmt.Sprintf("numeric(%d,%d)", precision, scale), Base: "numeric", Family: catalog.Numeric, Precision: precision, Scale: scale}
}

// FloatType returns the type double precision for examples.
func FloatType() catalog.Type {
	return catalog.Type{Name: "double precision", Base: "float8", Family: catalog.Float}
}

// TypeNamed returns a type that has only names and a type family.
func TypeNamed(name, base string, f catalog.Family) catalog.Type {
	return catalog.Type{Name: name, Base: base, Family: f}
}
