package transform

import (
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

func exprSpec() *definition {
	money := catalog.Type{Name: "numeric(12,2)", Base: "numeric", Family: catalog.Numeric, Precision: 12, Scale: 2}
	id := idType()
	person := func(treatment string) *Use {
		return &Use{Treatment: treatment, Domain: "people", Subject: "id", SubjectType: &id, As: "person"}
	}
	return &definition{
		Spec: Spec{
			Name:    "expr",
			Summary: "calculates the value from other columns, as they were or as they become",
			Doc: "old.x is the source value of column x, new.x what x becomes; old.order_id.x and new.order_id.x are those of the row that order_id " +
				"references. Operators, functions and the handling of NULL are those of `when`; numbers are exact decimals, rounded at the end as " +
				"PostgreSQL rounds into the column. The result must be of the column's kind, which the plan checks; one that does not fit (too long, too " +
				"large, no such label, NULL in a NOT NULL column) stops the refresh. NULL stays NULL, and a NULL in a calculation makes the result NULL. " +
				"It discloses what its columns do: everything, where it uses old. Not for unique columns: results of different rows may be equal. " +
				"A result may equal the source value, which is the point of a sum.",
			Params:    []Param{{Name: "value", Type: "text", Required: true, Doc: "the expression, such as 'old.price * old.quantity'"}},
			Families:  exprFamilies(),
			Discloses: Unchanged,
			Examples: []Example{
				{
					Type: money, Use: Use{
						Treatment: "expr", Params: Params{"value": "old.price * old.quantity"},
						Reads: []Read{{Name: "price", Type: money}, {Name: "quantity", Type: id}},
					},
					Row: map[string]string{"price": "19.95", "quantity": "3"}, In: "999.00", Out: "59.85",
				},
				{
					Type: textType(0), Use: Use{
						Treatment: "expr", Params: Params{"value": `lower(new.first_name + "." + new.last_name) + "@example.com"`},
						Reads: []Read{
							{Name: "first_name", Type: textType(0), Use: person("fake.given_name")},
							{Name: "last_name", Type: textType(0), Use: person("fake.family_name")},
						},
					},
					Row: map[string]string{"first_name": "Ada", "last_name": "Lovelace", "id": "1"}, In: "ada@lovelace.org", Out: "kyle.perkins@example.com",
				},
			},
		},
		reads: func(u Use) ([]Wanted, error) {
			f, err := exprFormula(u)
			if err != nil {
				return nil, err
			}
			return f.wanted, nil
		},
		whole: planExpr,
	}
}

func exprFamilies() []catalog.Family {
	return []catalog.Family{
		catalog.Text, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID,
		catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.Inet, catalog.Enum,
	}
}

func exprFormula(u Use) (*formula, error) {
	source, ok := u.Params["value"].(string)
	if !ok {
		return nil, &ParamError{"value", "expr needs it: the expression, as a text; quote it"}
	}
	return parseFormula("value", source, true)
}

func planExpr(by planner, c Column, u Use, _ *args) (blueprint, error) {
	f, err := exprFormula(u)
	if err != nil {
		return blueprint{}, err
	}
	k, err := f.check(u.Reads)
	if err != nil {
		return blueprint{}, err
	}
	switch want := valueKindOf(c.Type); {
	case k != want && k != nilKind:
		return blueprint{}, f.fail(0, "the result is %s, but a column of type %s wants %s", k, typeName(c), want)
	case c.Unique:
		return blueprint{}, &ParamError{"treat", "expr cannot promise different results for different rows, and the column is unique; use a treatment that keeps values apart"}
	case c.Type.Scale < 0:
		return blueprint{}, &ParamError{"treat", "expr cannot round to type " + typeName(c)}
	}
	traits := Traits{Space: 1, Discloses: Suppressed, Needs: readNeeds(by, u)} // how many results there are nobody knows: the worst is assumed
	for i := range u.Reads {
		traits.Discloses = worse(traits.Discloses, disclosureOf(by, &u.Reads[i]))
	}
	return blueprint{traits, func(k Keys) Transform {
		return &expression{formula: f.compile(u.Reads, newReading(by, u, k)), typ: c.Type, notNull: c.NotNull || c.Type.NotNull}
	}}, nil
}

// expression calculates a column's value. NULL stays NULL.
type expression struct {
	formula *compiled
	typ     catalog.Type
	notNull bool
	number  exact
}

func (t *expression) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	v, err := t.formula.value(row)
	if err != nil {
		return dst, false, err
	}
	if v.null {
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

// fit writes the value as the column's type has it.
func (t *expression) fit(dst []byte, v value) (out []byte, ok bool) {
	switch valueKindOf(t.typ) {
	case boolKind:
		if v.truth {
			return append(dst, 't'), true
		}
		return append(dst, 'f'), true
	case numberKind:
		t.number.set(v.number)
		return t.fitNumber(dst)
	}
	if t.typ.Family == catalog.Text {
		return append(dst, v.text...), t.typ.MaxLen == 0 || len(v.text) <= t.typ.MaxLen || utf8.RuneCount(v.text) <= t.typ.MaxLen
	}
	text, err := typedText(t.typ, string(v.text))
	return append(dst, text...), err == nil
}

func (t *expression) fitNumber(dst []byte) (out []byte, ok bool) {
	x := &t.number
	switch {
	case t.typ.Family == catalog.Integer:
		x.round(0)
		if !x.coef.IsInt64() {
			return dst, false
		}
		n, limit := x.coef.Int64(), int64(1)<<(max(t.typ.Bits, 16)-1)-1
		return appendInt(dst, n), n >= -limit-1 && n <= limit
	case t.typ.Family == catalog.Numeric && t.typ.Precision > 0:
		x.round(t.typ.Scale)
		return x.append(dst), x.coef.CmpAbs(x.pow10(t.typ.Precision)) < 0
	}
	x.trim()
	return x.append(dst), true
}

func errResult() error {
	return &Error{"result-does-not-fit", "the result of the rule's formula does not fit the column's type"}
}

func errNull() error {
	return &Error{"null-result", "the result of the rule's formula is NULL, and the column is NOT NULL; give another with ??"}
}
