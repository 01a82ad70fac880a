package structured_test

import (
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

func jsonWith(t *testing.T, rules map[string]transform.Use) transform.Transform {
	t.Helper()
	u := transform.Use{Treatment: "json"}
	for path, use := range rules {
		u.Paths = append(u.Paths, transform.Path{Path: path, Use: use})
	}
	return transformtest.Compile(t, transformtest.JSONB, u)
}

func TestTheMoreSpecificPathWins(t *testing.T) {
	keep, gone := transform.Use{Treatment: "keep"}, transform.Use{Treatment: "null"}
	transformtest.Outcomes(t, jsonWith(t, map[string]transform.Use{"$..email": transformtest.MaskFirst, "$.contact.*": keep, "$.open.**": keep, "$.ok.email": keep, "$.list[0]": keep, "$.list[*]": gone, "$..*": {Treatment: "redact"}}), map[string]string{
		`{"email":"ab"}`:                      `{"email":"a*"}`,
		`{"contact":{"email":"ab","x":"y"}}`:  `{"contact":{"email":"a*","x":"y"}}`,
		`{"contact":{"x":{"y":1}}}`:           `{"contact":{"x":{"y":0}}}`,
		`{"open":{"x":1,"a":{"email":"ab"}}}`: `{"open":{"x":1,"a":{"email":"a*"}}}`,
		`{"ok":{"email":"ab"}}`:               `{"ok":{"email":"ab"}}`,
		`{"list":["a","b",{"email":"ab"}]}`:   `{"list":["a",null,{"email":"a*"}]}`,
		`{"z":["q",[5,{}]]}`:                  `{"z":["[redacted]",[0,{}]]}`,
		`"x"`:                                 "!unlisted-path",
	})
	transformtest.Outcomes(t, jsonWith(t, map[string]transform.Use{"$..a..x": keep, "$..b..x": transformtest.MaskFirst}), map[string]string{
		`{"a":{"x":"ab"}}`: `{"a":{"x":"ab"}}`, `{"b":{"x":"ab"}}`: `{"b":{"x":"a*"}}`, `{"a":{"b":{"x":"ab"}}}`: "!ambiguous-path",
	})
}

func TestConditionsReadTheElement(t *testing.T) {
	keep := transform.Use{Treatment: "keep"}
	tr := jsonWith(t, map[string]transform.Use{
		`$.c[?(@.kind == "mail")].v`: transformtest.MaskFirst, `$.c[?(@.n != 1.50)].v`: {Treatment: "null"}, "$.c[*].kind": keep, "$.c[*].n": keep, `$.m[?@.on].v`: keep,
	})
	transformtest.Outcomes(t, tr, map[string]string{
		`{"c":[{"kind":"mail","v":"ab","n":1.5}]}`:       `{"c":[{"kind":"mail","v":"a*","n":1.5}]}`,
		`{"c":[{"v":"ab","kind":"m\u0061il","n":1.50}]}`: `{"c":[{"v":"a*","kind":"m\u0061il","n":1.50}]}`,
		`{"c":[{"kind":"fax","v":"ab"}]}`:                `{"c":[{"kind":"fax","v":null}]}`,
		`{"c":[{"kind":"fax","v":"ab","n":1.5}]}`:        "!unlisted-path",
		`{"c":[{"kind":"mail","v":"ab"}]}`:               "!ambiguous-path",
		`{"c":[{"kind":"mail","kind":"fax","v":"ab"}]}`:  "!same-key",
		`{"m":{"x":{"on":false,"v":"ab"}}}`:              "!unlisted-path",
		`{"m":[{"v":"ab"}]}`:                             "!unlisted-path",
	})
}

func TestKeysAreTreated(t *testing.T) {
	tr := jsonWith(t, map[string]transform.Use{"$.by.*~": transformtest.MaskFirst, "$.by.*.n": {Treatment: "keep"}, "$.by.fixed": {Treatment: "keep"}, "$.all..*~": {Treatment: "token"}, "$.all..*": transformtest.MaskFirst})
	transformtest.Outcomes(t, tr, map[string]string{
		`{"by":{"a\u0062c":{"n":1},"fixed":2}}`:       `{"by":{"a**":{"n":1},"fixed":2}}`,
		`{"by":{"abc":{"n":1},"axy":{"n":2}}}`:        "!same-key",
		`{"by":{"abc":{"n":1}},"by":{"axy":{"n":1}}}`: `{"by":{"a**":{"n":1}},"by":{"a**":{"n":1}}}`,
		`{"by":{"abc":{"m":1}}}`:                      "!unlisted-path",
	})
	out := transformtest.Run(t, tr, `{"all":{"ada":{"bob":"cy"}}}`, nil)
	token := func(s string) string {
		return transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "token"}), s, nil)
	}
	if want := `{"all":{"` + token("ada") + `":{"` + token("bob") + `":"c*"}}}`; out != want {
		t.Errorf("got %s, want %s", out, want)
	}
}
