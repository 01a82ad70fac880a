package library_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// decided returns "then" or "else". The condition decides between them for the sample row. If the rule is refused or
// stops the refresh, decided returns the reason.
func decided(t testing.TB, when string) string {
	t.Helper()
	u, cells := transformtest.WithReads(t, transform.Use{Treatment: "constant", Params: transform.Params{"value": "then"}, When: when, Else: &transform.Use{Treatment: "constant", Params: transform.Params{"value": "else"}}})
	tr, err := library.Compile(transformtest.Column(transformtest.Text), u, transformtest.Keys(t))
	if err != nil {
		return "refused: " + err.Error()
	}
	out, _, err := tr.Append(nil, transform.Cell{Text: []byte("before")}, cells)
	var e *transform.Error
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
		`n in [1, 2, 3]`:                                     "then",
		`kind in ["a", "b"]`:                                 "else",
		`kind not in ["a", "b"]`:                             "then",
		`born < "1990-01-01" and forever > born`:             "then",
		`old == nil`:                                         "else",
		`old < born and old < "0001-01-01"`:                  "then", // old is before Christ
		`nan == 1`:                                           "else",
		`nan > 1e300`:                                        "then", // as PostgreSQL sorts: NaN above all numbers
		`nan > number("Infinity")`:                           "then",
		`nan == number("NaN")`:                               "then",
		`number("-Infinity") < n`:                            "then",
		`n < number("Infinity")`:                             "then",
		`max(nan, n) == nan and min(nan, n) == n`:            "then",
		`nan - nan == nan and 0 * number("Infinity") == nan`: "then",
		`n / number("-Infinity") == 0`:                       "then",
		`abs(number("-Infinity")) - 1 > n`:                   "then",
		`1 / (n - n) == nan`:                                 "stopped: arithmetic",
		`nan / (n - n) == nan`:                               "then",
		`kind == "person" and number(kind) > 1`:              "stopped: not-a-number",
		`code == "AB"`:                                       "then",
		`mood == "ok"`:                                       "then",
		`name startsWith "Ada" and name matches "L.ve$"`:     "then",
		`customer_id.country == "DE"`:                        "then",
		`$env["My Column"] == "x"`:                           "then",
		`n`:                                                  "refused: when: is a number, but it must be true or false",
		`kind == 5`:                                          "refused: when: == cannot combine a text and a number (at character 6)",
		`yes < no`:                                           "refused: when: there is no operator < for true or false (at character 5)",
		`kind matches "("`:                                   "refused: when: the pattern is not a regular expression of RE2 (at character 6)",
	} {
		if got := decided(t, when); got != want {
			t.Errorf("%s: got %s, want %s", when, got, want)
		}
	}
}

func TestConditionalTraits(t *testing.T) {
	u := transform.Use{Treatment: "null", When: "true", Else: &transform.Use{Treatment: "token"}}
	if traits, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil || !traits.Unique || traits.Equality || traits.Discloses != transform.Pseudonymised {
		t.Errorf("%+v, %v", traits, err)
	}
	u = transform.Use{Treatment: "token", When: "true", Else: &transform.Use{Treatment: "keep"}}
	if traits, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil || traits.Unique || traits.Discloses != transform.Unchanged {
		t.Errorf("%+v, %v", traits, err)
	}
	for _, u := range []transform.Use{
		{Treatment: "mask", When: "true"},
		{Treatment: "mask", Else: &transform.Use{Treatment: "keep"}},
		{Treatment: "mask", When: `a == "x"`, Else: &transform.Use{Treatment: "keep"}}, // the columns of the condition are not resolved
		{Treatment: "mask", When: "true", Else: &transform.Use{Treatment: "mask", Params: transform.Params{"keep_lst": int64(1)}}},
	} {
		if _, err := library.Check(transformtest.Column(transformtest.Text), u); err == nil {
			t.Errorf("%+v was taken", u)
		}
	}
	_, err := library.Check(transformtest.Column(transformtest.Text), transform.Use{Treatment: "mask", When: "true", Else: &transform.Use{Treatment: "mask", Params: transform.Params{"keep_lst": int64(1)}}})
	if err == nil || !strings.HasPrefix(err.Error(), "else: keep_lst") {
		t.Errorf("got %v", err)
	}
}

// The columns of the condition and the subject's column are in one row. The subject's column comes last.
func TestConditionsWithSubjects(t *testing.T) {
	id := transformtest.Int4
	fake := transform.Use{Treatment: "fake.given_name", Subject: "id", SubjectType: &id, As: "p", Domain: "p"}
	plain := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, fake), "Ada", transformtest.Row("7"))
	u := fake
	u.When, u.Reads, u.Else = `kind == "person"`, []transform.Read{{Name: "kind", Type: transformtest.Text}}, &transform.Use{Treatment: "redact"}
	tr := transformtest.Compile(t, transformtest.Text, u)
	if got := transformtest.Run(t, tr, "Ada", transformtest.Row("person", "7")); got != plain {
		t.Errorf("got %q, without a condition it is %q", got, plain)
	}
	if got := transformtest.Run(t, tr, "Ada", transformtest.Row("firm", "7")); got != "[redacted]" {
		t.Errorf("got %q", got)
	}
}

// Conditions on texts and numbers do not allocate. Reading the result of a sibling column does not allocate either.
func TestConditionsDoNotAllocate(t *testing.T) {
	for _, when := range []string{`kind == "person"`, `n > 2 and price < 100.5`, `nan > 2 and price < nan`, `lower(name) == "x" or none == nil`, `kind in ["a", "person"]`} {
		u, cells := transformtest.WithReads(t, transform.Use{Treatment: "mask", When: when, Else: &transform.Use{Treatment: "keep"}})
		measure(t, when, u, cells)
	}
	for _, value := range []string{`lower(new.name + ".x")`, `old.kind == "x" ? "a" : old.kind`} {
		u, cells := transformtest.WithReads(t, transform.Use{Treatment: "expr", Params: transform.Params{"value": value}})
		measure(t, value, u, cells)
	}
}

func measure(t *testing.T, name string, u transform.Use, cells transform.Row) {
	t.Helper()
	tr, dst, cell := transformtest.Compile(t, transformtest.Text, u), make([]byte, 0, 256), transform.Cell{Text: []byte("before")}
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
	u, cells := transformtest.WithReads(b, transform.Use{Treatment: "redact", When: `kind == "person" and n > 2`, Else: &transform.Use{Treatment: "keep"}})
	tr, dst, cell := transformtest.Compile(b, transformtest.Text, u), make([]byte, 0, 256), transform.Cell{Text: []byte("before")}
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
		wanted, err := formula.ConditionReads(source)
		if err != nil {
			return
		}
		u := transform.Use{Treatment: "redact", When: source, Else: &transform.Use{Treatment: "keep"}}
		cells := make(transformtest.Siblings, len(wanted))
		for i, w := range wanted {
			u.Reads = append(u.Reads, transform.Read{Name: w.Name, Type: []catalog.Type{transformtest.Text, transformtest.Numeric, transformtest.Bool}[i%3]})
			cells[i] = [][]byte{[]byte("a b"), []byte("1.50"), []byte("t")}[i%3]
		}
		if _, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil {
			return
		}
		_, _, _ = transformtest.Compile(t, transformtest.Text, u).Append(nil, transform.Cell{Text: []byte("secret")}, cells)
	})
}
