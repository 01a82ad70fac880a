// Package expr holds the treatment that calculates a value from other columns.
package expr

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Definition returns the treatment expr.
func Definition() *treatment.Definition {
	money := catalog.Type{Name: "numeric(12,2)", Base: "numeric", Family: catalog.Numeric, Precision: 12, Scale: 2}
	id := treatment.IDType()
	person := func(treatment string) *transform.Use {
		return &transform.Use{Treatment: treatment, Domain: "people", Subject: "id", SubjectType: &id, As: "person"}
	}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "expr",
			Summary: "calculates the value from source values or results of other columns",
			Doc: "`old.x` is the source value of column x, and `new.x` is the result of column x. `old.order_id.x` and `new.order_id.x` are the values of column x in the row that order_id " +
				"references.\n\n" +
				"Operators, functions and the handling of NULL are the same as in `when`. NULL stays NULL, and a NULL in a calculation makes the result NULL. " +
				"Numbers are exact decimals. NaN and infinities calculate as in PostgreSQL's numeric. The result is rounded once, as PostgreSQL rounds a number that it stores in the column.\n\n" +
				"The plan checks that the result has the column's kind. A number that the type cannot hold becomes the nearest one that it can. Any other result that does not " +
				"fit stops the refresh: a text that is too long for the column, unless `max_length` cuts it, an unknown label, NaN in a column of whole numbers, or NULL in a NOT NULL column.\n\n" +
				"The result discloses as much as the columns in the expression. With `old`, it discloses everything. The treatment is not for unique columns, because different rows may have equal results. " +
				"A result may equal the source value. For a sum, that is intended.",
			Params:    []transform.Param{{Name: "value", Type: "text", Required: true, Doc: "the expression, for example 'old.price * old.quantity'"}},
			Families:  exprFamilies(),
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They learn what the columns in the expression tell. With `old`, they can calculate the result for the known values, and find this person's row. For every other person, they can read the part of the values that the result shows.",
			Examples: []transform.Example{
				{
					Type: money, Use: transform.Use{
						Treatment: "expr", Params: transform.Params{"value": "old.price * old.quantity"},
						Reads: []transform.Read{{Name: "price", Type: money}, {Name: "quantity", Type: id}},
					},
					Row: map[string]string{"price": "19.95", "quantity": "3"}, In: "999.00", Out: "59.85",
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{
						Treatment: "expr", Params: transform.Params{"value": `lower(new.first_name + "." + new.last_name) + "@example.com"`},
						Reads: []transform.Read{
							{Name: "first_name", Type: treatment.TextType(0), Use: person("fake.given_name")},
							{Name: "last_name", Type: treatment.TextType(0), Use: person("fake.family_name")},
						},
					},
					Row: map[string]string{"first_name": "Ada", "last_name": "Lovelace", "id": "1"}, In: "ada@lovelace.org", Out: "kyle.perkins@example.com",
				},
			},
		},
		Reads: func(u transform.Use) ([]transform.Wanted, error) {
			f, err := exprFormula(u)
			if err != nil {
				return nil, err
			}
			return f.Wanted, nil
		},
		Whole: planExpr,
	}
}

func exprFamilies() []catalog.Family {
	return []catalog.Family{
		catalog.Text, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID,
		catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Inet, catalog.Enum,
	}
}

func exprFormula(u transform.Use) (*formula.Formula, error) {
	source, ok := u.Params["value"].(string)
	if !ok {
		return nil, &transform.ParamError{Param: "value", Text: "expr needs an expression as a text; quote it"}
	}
	return formula.Parse("value", source, true)
}

func planExpr(by treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	f, err := exprFormula(u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	k, err := f.Check(u.Reads)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	switch want := formula.KindOf(c.Type); {
	case k != want && k != formula.Nil:
		return treatment.Blueprint{}, f.Fail(0, "the result is %s, but a column of type %s needs %s", k, treatment.TypeName(c), want)
	case c.Unique:
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "expr cannot promise different results for different rows, but the column is unique; use a treatment whose results differ for different values"}
	case c.Type.Scale < 0:
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "expr cannot round to type " + treatment.TypeName(c)}
	}
	traits := transform.Traits{Space: 1, Discloses: transform.Suppressed, Needs: treatment.Needs(by, u)} // the number of results is unknown, so Space is the worst case
	for i := range u.Reads {
		traits.Discloses = treatment.Worse(traits.Discloses, treatment.DisclosureOf(by, &u.Reads[i]))
	}
	return treatment.Blueprint{Traits: traits, Build: func(k transform.Keys) transform.Transform {
		return &expression{formula: f.Compile(u.Reads, treatment.NewReading(by, u, k)), typ: c.Type, notNull: c.NotNull || c.Type.NotNull, cut: a.Given("max_length")}
	}}, nil
}

// expression calculates a column's value. NULL stays NULL.
type expression struct {
	formula *formula.Compiled
	typ     catalog.Type
	notNull bool
	cut     bool // the rule states max_length, so a text that is too long is cut
	number  formula.Exact
}

func (t *expression) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	v, err := t.formula.Value(row)
	if err != nil {
		return dst, false, err
	}
	if v.Null {
		if t.notNull {
			return dst, false, errNull()
		}
		return dst, true, nil
	}
	dst, ok := t.fit(dst, v)
	if !ok {
		return dst, false, errResult()
	}
	return dst, false, nil
}

// fit appends the value in the form of the column's type. ok is false if the value does not fit.
func (t *expression) fit(dst []byte, v formula.Value) (out []byte, ok bool) {
	switch formula.KindOf(t.typ) {
	case formula.Bool:
		if v.Truth {
			return append(dst, 't'), true
		}
		return append(dst, 'f'), true
	case formula.Number:
		t.number.Set(v.Number)
		return t.fitNumber(dst)
	}
	if t.typ.Family == catalog.Text {
		return append(dst, v.Text...), t.cut || t.typ.MaxLen == 0 || len(v.Text) <= t.typ.MaxLen || utf8.RuneCount(v.Text) <= t.typ.MaxLen
	}
	text, err := literal.Typed(t.typ, string(v.Text))
	return append(dst, text...), err == nil
}

func (t *expression) fitNumber(dst []byte) (out []byte, ok bool) {
	x := &t.number
	switch {
	case t.typ.Family == catalog.Integer:
		lo, hi := literal.Bounds(t.typ)
		n, ok := x.Whole(lo, hi)
		return decimal.AppendInt(dst, n), ok
	case t.typ.Family == catalog.Numeric && t.typ.Precision > 0:
		x.Fit(t.typ.Precision, t.typ.Scale)
		return x.Append(dst), true
	}
	x.Trim()
	start := len(dst)
	dst = x.Append(dst)
	if t.typ.Family == catalog.Float && len(dst)-start > 38 { // a shorter number fits every float
		dst = t.fitFloat(dst[:start], string(dst[start:]))
	}
	return dst, true
}

// fitFloat appends a number. A number that the type cannot hold becomes the nearest number that the type can hold.
func (t *expression) fitFloat(dst []byte, number string) []byte {
	size, most := 64, math.MaxFloat64
	if t.typ.Base == "float4" {
		size, most = 32, math.MaxFloat32
	}
	v, _ := strconv.ParseFloat(number, size) // the error says that v is infinite
	switch {
	case v == 0:
		return append(dst, '0')
	case math.IsInf(v, 0):
		return strconv.AppendFloat(dst, math.Copysign(most, v), 'g', -1, size)
	}
	return append(dst, number...)
}

func errResult() error {
	return &transform.Error{Code: "result-does-not-fit", Text: "the result of the rule's formula does not fit the column's type"}
}

func errNull() error {
	return &transform.Error{Code: "null-result", Text: "the result of the rule's formula is NULL, but the column is NOT NULL; give another value with ??"}
}
