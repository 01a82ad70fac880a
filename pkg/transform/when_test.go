package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// decided says which way a condition sends the samples' row.
func decided(t testing.TB, when string) string {
	t.Helper()
	u, cells := withReads(t, Use{Treatment: "constant", Params: Params{"value": "then"}, When: when, Else: &Use{Treatment: "constant", Params: Params{"value": "else"}}})
	tr, err := Compile(column(tText), u, testKeys(t))
	if err != nil {
		return "refused: " + err.Error()
	}
	out, _, err := tr.Append(nil, Cell{Text: []byte("before")}, cells)
	var e *Error
	if errors.As(err, &e) {
		return "stopped: " + e.Code
	}
	return string(out)
}

func TestConditions(t *testing.T) {
	for when, want := range map[string]string{
		`kind == "person"`:                  "then",
		`kind != "person"`:                  "else",
		`none == "x"`:                       "else", // NULL is not "x"
		`none != "x"`:                       "then",
		`none == nil`:                       "then",
		`kind == nil`:                       "else",
		`none != nil and none > "a"`:        "else",
		`none > "a"`:                        "stopped: condition-unknown",
		`unknown`:                           "stopped: condition-unknown",
		`not unknown`:                       "stopped: condition-unknown",
		`unknown and no`:                    "else",
		`unknown or yes`:                    "then",
		`unknown ?? no`:                     "else",
		`price > 19.949 and price <= 19.95`: "then",
		`big > number("123456789012345678901234567890")`: "then",
		`n in [1, 2, 3]`:                         "then",
		`kind in ["a", "b"]`:                     "else",
		`kind not in ["a", "b"]`:                 "then",
		`born < "1990-01-01" and forever > born`: "then",
		`old == nil`:                             "stopped: not-an-ordinary-date",
		`nan == 1`:                               "stopped: not-a-number",
		`code == "AB"`:                           "then",
		`mood == "ok"`:                           "then",
		`name startsWith "Ada" and name matches "L.ve$"`: "then",
		`customer_id.country == "DE"`:                    "then",
		`$env["My Column"] == "x"`:                       "then",
		`n`:                                              "refused: when: is a number, it must be true or false",
		`kind == 5`:                                      "refused: when: == stands between a text and a number (at character 6)",
		`yes < no`:                                       "refused: when: there is no operator < for true or false (at character 5)",
		`kind matches "("`:                               "refused: when: the pattern is not a regular expression of RE2 (at character 6)",
	} {
		if got := decided(t, when); got != want {
			t.Errorf("%s: got %s, want %s", when, got, want)
		}
	}
}

func TestConditionalTraits(t *testing.T) {
	u := Use{Treatment: "null", When: "true", Else: &Use{Treatment: "token"}}
	if traits, err := Check(column(tText), u); err != nil || !traits.Unique || traits.Equality || traits.Discloses != Pseudonymised {
		t.Errorf("%+v, %v", traits, err)
	}
	u = Use{Treatment: "token", When: "true", Else: &Use{Treatment: "keep"}}
	if traits, err := Check(column(tText), u); err != nil || traits.Unique || traits.Discloses != Unchanged {
		t.Errorf("%+v, %v", traits, err)
	}
	for _, u := range []Use{
		{Treatment: "mask", When: "true"},
		{Treatment: "mask", Else: &Use{Treatment: "keep"}},
		{Treatment: "mask", When: `a == "x"`, Else: &Use{Treatment: "keep"}}, // not resolved
		{Treatment: "mask", When: "true", Else: &Use{Treatment: "mask", Params: Params{"keep_lst": int64(1)}}},
	} {
		if _, err := Check(column(tText), u); err == nil {
			t.Errorf("%+v was taken", u)
		}
	}
	_, err := Check(column(tText), Use{Treatment: "mask", When: "true", Else: &Use{Treatment: "mask", Params: Params{"keep_lst": int64(1)}}})
	if err == nil || !strings.HasPrefix(err.Error(), "else: keep_lst") {
		t.Errorf("got %v", err)
	}
}

// A subject's column and what a condition reads lie in one row, one behind the other.
func TestConditionsAboveSubjects(t *testing.T) {
	id := tInt4
	fake := Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	plain := run(t, compile(t, tText, fake), "Ada", row("7"))
	u := fake
	u.When, u.Reads, u.Else = `kind == "person"`, []Read{{Name: "kind", Type: tText}}, &Use{Treatment: "redact"}
	tr := compile(t, tText, u)
	if got := run(t, tr, "Ada", row("person", "7")); got != plain {
		t.Errorf("got %q, without a condition it is %q", got, plain)
	}
	if got := run(t, tr, "Ada", row("firm", "7")); got != "[redacted]" {
		t.Errorf("got %q", got)
	}
}

// Conditions of texts and numbers cost a row no allocation, and neither does reading what a sibling becomes.
func TestConditionsDoNotAllocate(t *testing.T) {
	for _, when := range []string{`kind == "person"`, `n > 2 and price < 100.5`, `lower(name) == "x" or none == nil`, `kind in ["a", "person"]`} {
		u, cells := withReads(t, Use{Treatment: "mask", When: when, Else: &Use{Treatment: "keep"}})
		measure(t, when, u, cells)
	}
	for _, value := range []string{`lower(new.name + ".x")`, `old.kind == "x" ? "a" : old.kind`} {
		u, cells := withReads(t, Use{Treatment: "expr", Params: Params{"value": value}})
		measure(t, value, u, cells)
	}
}

func measure(t *testing.T, name string, u Use, cells Row) {
	t.Helper()
	tr, dst, cell := compile(t, tText, u), make([]byte, 0, 256), Cell{Text: []byte("before")}
	n := testing.AllocsPerRun(50, func() {
		if _, _, err := tr.Append(dst, cell, cells); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%s: %v allocations", name, n)
	}
}

func BenchmarkCondition(b *testing.B) {
	u, cells := withReads(b, Use{Treatment: "redact", When: `kind == "person" and n > 2`, Else: &Use{Treatment: "keep"}})
	tr, dst, cell := compile(b, tText, u), make([]byte, 0, 256), Cell{Text: []byte("before")}
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = tr.Append(dst, cell, cells)
	}
}

func FuzzFormula(f *testing.F) {
	for _, s := range []string{`kind == "x"`, "a.b > 1 and not (c in [1, 2])", `old.x + lower("y")`, `x matches "^a" ? 1 : 2`, `split(a, "b")[0]`, "$env['a b']", "x[1:2]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		wanted, err := conditionReads(source)
		if err != nil {
			return
		}
		u := Use{Treatment: "redact", When: source, Else: &Use{Treatment: "keep"}}
		cells := make(siblings, len(wanted))
		for i, w := range wanted {
			u.Reads = append(u.Reads, Read{Name: w.Name, Type: []catalog.Type{tText, tNumeric, tBool}[i%3]})
			cells[i] = [][]byte{[]byte("a b"), []byte("1.50"), []byte("t")}[i%3]
		}
		if _, err := Check(column(tText), u); err != nil {
			return
		}
		_, _, _ = compile(t, tText, u).Append(nil, Cell{Text: []byte("secret")}, cells)
	})
}
