package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func expression1(t testing.TB, typ catalog.Type, source string) string {
	t.Helper()
	u, cells := withReads(t, Use{Treatment: "expr", Params: Params{"value": source}})
	tr, err := Compile(column(typ), u, testKeys(t))
	if err != nil {
		return "refused: " + err.Error()
	}
	out, null, err := tr.Append([]byte("<"), Cell{Text: []byte("before")}, cells)
	var e *Error
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
		{tMoney, "old.price * old.n", "59.85"},
		{tMoney, "old.price / 3", "6.65"},
		{tMoney, "old.price * 1.005", "20.05"}, // 20.04975: exact, rounded once
		{tMoney, "0 - 2.345", "-2.35"},         // half away from zero, as numeric
		{tMoney, "0.1 + 0.2", "0.30"},
		{tNumeric, "0.1 + 0.2", "0.3"},
		{tNumeric, "old.big * 2", "246913578024691357802469135781"},
		{tNumeric, "old.rate * 10", "0.0001"},
		{tNumeric, "old.nan + 1", "stopped: not-a-number"},
		{tNumeric, "1 / old.zero", "stopped: arithmetic"},
		{tNumeric, "7 % 4 + abs(-2) + floor(-1.5) + ceil(1.2) + round(2.5) + min(4, 2, 3) + max(1.5, 1)", "11.5"},
		{tInt4, "old.n / 2", "2"},
		{tInt2, "40000", "stopped: result-does-not-fit"},
		{tInt8, "9223372036854775807 + 1", "stopped: result-does-not-fit"},
		{tMoney, "100000000", "stopped: result-does-not-fit"},
		{tFloat, "old.rate", "0.00001"},
		{tText, `lower(old.name) + "@example.com"`, "ada löve@example.com"},
		{tText, `upper(new.name[0:5]) + string(old.n)`, "ADA L3"},
		{tText, `split(old.name, " ")[-1] + split(old.name, " ")[0][:1]`, "LöveA"},
		{tText, `split(old.name, " ")[2] ?? "-"`, "-"},
		{tText, `concat(trim(" a "), replace("x.y.z", ".", "-"))`, "ax-y-z"},
		{tText, `old.none + "x"`, "NULL"},
		{tText, `old.none ?? "x"`, "x"},
		{tText, `old.kind == "person" ? "P" : "C"`, "P"},
		{tText, `old.customer_id.country + old["My Column"]`, "DEx"},
		{textType(3), `"four"`, "stopped: result-does-not-fit"},
		{textType(3), `"äöü"`, "äöü"},
		{tDate, `string(1990) + "-01-01"`, "1990-01-01"},
		{tDate, `"1990-02-30"`, "stopped: result-does-not-fit"},
		{tBool, `len(old.name) == 8`, "t"},
		{tEnum, `"glad"`, "stopped: result-does-not-fit"},
	} {
		if got := expression1(t, c.typ, c.source); got != c.want {
			t.Errorf("%s into %s: got %s, want %s", c.source, c.typ.Name, got, c.want)
		}
	}
}

func TestExpressionsThatThePlanRefuses(t *testing.T) {
	for source, want := range map[string]string{
		"price * 2":                        `price is not a column here: old.price is its source value, new.price what it becomes`,
		"old.price * old.kind":             "* stands between a number and a text (at character 11)",
		"old.kind":                         "the result is a text, but a column of type numeric(10,2) wants a number",
		"now()":                            "there is no function now here",
		"lowr(old.kind)":                   `there is no function lowr here; did you mean "lower"?`,
		"let x = 1; x":                     "this part of the language is not available here",
		"filter([1], # > 0)":               "there is no function filter here",
		"1 +":                              "unexpected token EOF",
		"":                                 "is empty",
		"round(old.price, old.n)":          "round wants the number of decimals",
		"old.kind matches old.kind":        "matches wants a pattern",
		"old.price ** 2":                   "there is no operator ** for a number",
		`old.price in old.kind`:            "in wants a list",
		"old.kind?.x":                      "not available",
		"[1, 2]":                           "a list stands only behind in",
		`old.price > 1 ? 1 : "x"`:          "one result of the condition is a number, the other a text",
		strings.Repeat("1 + ", 2000) + "1": "is longer than 4096 characters",
	} {
		u := Use{Treatment: "expr", Params: Params{"value": source}}
		wanted, err := Reads(u)
		for _, w := range wanted {
			r := Read{Name: w.Name, Type: sampleColumns()[w.Name].typ}
			if w.Treated {
				r.Use = &Use{Treatment: "keep"}
			}
			u.Reads = append(u.Reads, r)
		}
		if err == nil {
			_, err = Check(column(tMoney), u)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}

func TestExpressionDiscloses(t *testing.T) {
	id := tInt4
	fake := &Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	u := Use{Treatment: "expr", Params: Params{"value": "lower(new.a)"}, Reads: []Read{{Name: "a", Type: tText, Use: fake}}}
	traits, err := Check(column(tText), u)
	if err != nil || traits.Discloses != Synthetic || len(traits.Needs) != 2 || traits.Needs[1] != "id" {
		t.Errorf("%+v, %v", traits, err)
	}
	u = Use{Treatment: "expr", Params: Params{"value": "lower(old.a)"}, Reads: []Read{{Name: "a", Type: tText}}}
	if traits, err := Check(column(tText), u); err != nil || traits.Discloses != Unchanged || traits.Unique || traits.Equality {
		t.Errorf("%+v, %v", traits, err)
	}
	unique := column(tText)
	unique.Unique = true
	if _, err := Check(unique, u); err == nil {
		t.Error("expr took a unique column")
	}
}

// Needs of a parent's treatment are asked of the parent's row.
func TestNeedsOfParents(t *testing.T) {
	id := tInt4
	fake := &Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	u := Use{
		Treatment: "expr", Params: Params{"value": "new.order_id.customer_id.a + old.b"},
		Reads: []Read{{Name: "order_id.customer_id.a", Type: tText, Use: fake}, {Name: "b", Type: tText}},
	}
	traits, err := Check(column(tText), u)
	want := "order_id.customer_id.a b order_id.customer_id.id"
	if err != nil || strings.Join(traits.Needs, " ") != want {
		t.Fatalf("%v, %v", traits.Needs, err)
	}
	alone := Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	name := run(t, compile(t, tText, alone), "Ada", row("7"))
	if got := run(t, compile(t, tText, u), "x", row("Ada", "!", "7")); got != name+"!" {
		t.Errorf("got %q, the parent becomes %q", got, name)
	}
}
