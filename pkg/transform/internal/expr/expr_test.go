package expr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

func expression1(t testing.TB, typ catalog.Type, source string) string {
	t.Helper()
	u, cells := transformtest.WithReads(t, transform.Use{Treatment: "expr", Params: transform.Params{"value": source}})
	tr, err := library.Compile(transformtest.Column(typ), u, transformtest.Keys(t))
	if err != nil {
		return "refused: " + err.Error()
	}
	out, null, err := tr.Append([]byte("<"), transform.Cell{Text: []byte("before")}, cells)
	var e *transform.Error
	switch {
	case errors.As(err, &e):
		return "stopped: " + e.Code
	case err != nil:
		return err.Error()
	case null:
		return "NULL"
	}
	return string(out[1:])
}

func TestExpressions(t *testing.T) {
	for _, c := range []struct {
		typ          catalog.Type
		source, want string
	}{
		{transformtest.Money, "old.price * old.n", "59.85"},
		{transformtest.Money, "old.price / 3", "6.65"},
		{transformtest.Money, "old.price * 1.005", "20.05"}, // 20.04975: exact, rounded once
		{transformtest.Money, "0 - 2.345", "-2.35"},         // half away from zero, like numeric
		{transformtest.Money, "0.1 + 0.2", "0.30"},
		{transformtest.Numeric, "0.1 + 0.2", "0.3"},
		{transformtest.Numeric, "old.big * 2", "246913578024691357802469135781"},
		{transformtest.Numeric, "old.rate * 10", "0.0001"},
		{transformtest.Numeric, "old.nan + 1", "NaN"},
		{transformtest.Int4, "old.nan + 1", "stopped: result-does-not-fit"},
		{transformtest.Numeric, "1 / old.zero", "stopped: arithmetic"},
		{transformtest.Numeric, "7 % 4 + abs(-2) + floor(-1.5) + ceil(1.2) + round(2.5) + min(4, 2, 3) + max(1.5, 1)", "11.5"},
		{transformtest.Int4, "old.n / 2", "2"},
		{transformtest.Int2, "40000", "32767"},
		{transformtest.Int8, "0 - 9223372036854775807 - 2", "-9223372036854775808"},
		{transformtest.Money, "0 - 99999999.995", "-99999999.99"},
		{transformtest.Money, `number("Infinity")`, "99999999.99"},
		{transformtest.Float, "1e300 * 1e300", "1.7976931348623157e+308"},
		{transformtest.Float, "1e-300 / 1e300", "0"},
		{transformtest.Float, "old.rate", "0.00001"},
		{transformtest.Text, `lower(old.name) + "@example.com"`, "ada löve@example.com"},
		{transformtest.Text, `upper(new.name[0:5]) + string(old.n)`, "ADA L3"},
		{transformtest.Text, `split(old.name, " ")[-1] + split(old.name, " ")[0][:1]`, "LöveA"},
		{transformtest.Text, `split(old.name, " ")[2] ?? "-"`, "-"},
		{transformtest.Text, `concat(trim(" a "), replace("x.y.z", ".", "-"))`, "ax-y-z"},
		{transformtest.Text, `old.none + "x"`, "NULL"},
		{transformtest.Text, `old.none ?? "x"`, "x"},
		{transformtest.Text, `old.kind == "person" ? "P" : "C"`, "P"},
		{transformtest.Text, `old.customer_id.country + old["My Column"]`, "DEx"},
		{treatment.TextType(3), `"four"`, "stopped: result-does-not-fit"},
		{treatment.TextType(3), `"äöü"`, "äöü"},
		{transformtest.Date, `string(1990) + "-01-01"`, "1990-01-01"},
		{transformtest.Date, `"1990-02-30"`, "stopped: result-does-not-fit"},
		{transformtest.Bool, `len(old.name) == 8`, "t"},
		{transformtest.Enum, `"glad"`, "stopped: result-does-not-fit"},
	} {
		if got := expression1(t, c.typ, c.source); got != c.want {
			t.Errorf("%s into %s: got %s, want %s", c.source, c.typ.Name, got, c.want)
		}
	}
}

func TestInvalidExpressionsAreRefused(t *testing.T) {
	for source, want := range map[string]string{
		"price * 2":                        `price is not a column here: write old.price for its source value or new.price for its result`,
		"old.price * old.kind":             "* cannot combine a number and a text (at character 11)",
		"old.kind":                         "the result is a text, but a column of type numeric(10,2) needs a number",
		"now()":                            "there is no function now here",
		"lowr(old.kind)":                   `there is no function lowr here (did you mean lower?)`,
		"let x = 1; x":                     "this part of the language is not available here",
		"filter([1], # > 0)":               "there is no function filter here",
		"1 +":                              "unexpected token EOF",
		"":                                 "is empty",
		"round(old.price, old.n)":          "round needs the number of decimals",
		"old.kind matches old.kind":        "matches needs a pattern",
		"old.price ** 2":                   "there is no operator ** for a number",
		`old.price in old.kind`:            "in needs a list",
		"old.kind?.x":                      "not available",
		"[1, 2]":                           "a list is allowed only after in",
		`old.price > 1 ? 1 : "x"`:          "one result of the condition is a number, but the other is a text",
		strings.Repeat("1 + ", 2000) + "1": "is longer than 4096 characters",
	} {
		u := transform.Use{Treatment: "expr", Params: transform.Params{"value": source}}
		wanted, err := library.Reads(u)
		for _, w := range wanted {
			r := transform.Read{Name: w.Name, Type: transformtest.SampleColumns()[w.Name].Typ}
			if w.Treated {
				r.Use = &transform.Use{Treatment: "keep"}
			}
			u.Reads = append(u.Reads, r)
		}
		if err == nil {
			_, err = library.Check(transformtest.Column(transformtest.Money), u)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}

func TestExpressionDiscloses(t *testing.T) {
	id := transformtest.Int4
	fake := &transform.Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	u := transform.Use{Treatment: "expr", Params: transform.Params{"value": "lower(new.a)"}, Reads: []transform.Read{{Name: "a", Type: transformtest.Text, Use: fake}}}
	traits, err := library.Check(transformtest.Column(transformtest.Text), u)
	if err != nil || traits.Discloses != transform.Synthetic || len(traits.Needs) != 2 || traits.Needs[1] != "id" {
		t.Errorf("%+v, %v", traits, err)
	}
	u = transform.Use{Treatment: "expr", Params: transform.Params{"value": "lower(old.a)"}, Reads: []transform.Read{{Name: "a", Type: transformtest.Text}}}
	if traits, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil || traits.Discloses != transform.Unchanged || traits.Unique || traits.Equality {
		t.Errorf("%+v, %v", traits, err)
	}
	unique := transformtest.Column(transformtest.Text)
	unique.Unique = true
	if _, err := library.Check(unique, u); err == nil {
		t.Error("expr took a unique column")
	}
}

// The columns that a parent's treatment needs are read from the parent's row.
func TestNeedsOfParents(t *testing.T) {
	id := transformtest.Int4
	fake := &transform.Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	u := transform.Use{
		Treatment: "expr", Params: transform.Params{"value": "new.order_id.customer_id.a + old.b"},
		Reads: []transform.Read{{Name: "order_id.customer_id.a", Type: transformtest.Text, Use: fake}, {Name: "b", Type: transformtest.Text}},
	}
	traits, err := library.Check(transformtest.Column(transformtest.Text), u)
	want := "order_id.customer_id.a b order_id.customer_id.id"
	if err != nil || strings.Join(traits.Needs, " ") != want {
		t.Fatalf("%v, %v", traits.Needs, err)
	}
	alone := transform.Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	name := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, alone), "Ada", transformtest.Row("7"))
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "x", transformtest.Row("Ada", "!", "7")); got != name+"!" {
		t.Errorf("got %q, the parent becomes %q", got, name)
	}
}
