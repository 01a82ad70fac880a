package treatment

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

const special = "special"

// SpecialDoc is part of the Doc of every treatment with the parameter special.
const SpecialDoc = "\n\nBy default, NaN, Infinity and -Infinity, and infinite dates and timestamps, stay unchanged, as NULL does. The parameter `special` can change this."

// SpecialParam returns the parameter special. It says what a treatment of numbers or dates does with special values,
// such as NaN and infinity.
func SpecialParam() transform.Param {
	return transform.Param{
		Name: special, Type: "keep|null|stop", Tells: transform.Smaller, Default: "keep",
		Doc: "what becomes of NaN, infinite numbers, and infinite dates and timestamps: keep them, make them NULL, or stop the refresh",
	}
}

// HasSpecial reports whether a type family has special values: NaN and infinities.
func HasSpecial(f catalog.Family) bool {
	switch f {
	case catalog.Numeric, catalog.Float, catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		return true
	}
	return false
}

// Specials adds the handling of special values to a treatment of single values that declares the parameter special.
// The treatment itself then gets ordinary values only.
func Specials(spec *transform.Spec, c transform.Column, a *Args, b Blueprint) (Blueprint, error) {
	if !slices.ContainsFunc(spec.Params, func(p transform.Param) bool { return p.Name == special }) {
		return b, nil
	}
	if !HasSpecial(c.Type.Family) {
		a.Unused(special, c)
		return b, a.Problem()
	}
	t := specials{decide: a.Word(special, "keep", "null", "stop"), is: decimal.IsSpecial}
	if c.Type.Family != catalog.Numeric && c.Type.Family != catalog.Float {
		t.is = moment.IsInfinity
	}
	if t.decide == "null" && (c.NotNull || c.Type.NotNull) {
		a.Fail(special, "null cannot take a NOT NULL column; use keep or stop")
	}
	b.Traits.Special = t.decide
	if t.decide == "null" {
		b.Traits.Unique = false // several special values become NULL, and a key may count NULLs as equal
	}
	build := b.Build
	b.Build = func(k transform.Keys) transform.Transform {
		own := t
		own.to = build(k)
		return &own
	}
	return b, a.Problem()
}

// specials decides about NaN and infinities, and gives all other values to a treatment.
type specials struct {
	to     transform.Transform
	is     func(text []byte) bool
	decide string
}

func (t *specials) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null || !t.is(in.Text) {
		return t.to.Append(dst, in, row)
	}
	switch t.decide {
	case "keep":
		return append(dst, in.Text...), false, nil
	case "null":
		return dst, true, nil
	}
	return dst, false, errSpecial()
}

func errSpecial() error {
	return &transform.Error{Code: "special-value", Text: fmt.Sprintf("the value is NaN or infinite, and the rule has %s: stop; use %s: keep or %s: null, or another treatment", special, special, special)}
}
