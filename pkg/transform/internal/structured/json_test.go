package structured_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func document1(t testing.TB) transform.Transform {
	return transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.name", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}},
		{Path: "$.id", Use: transform.Use{Treatment: "token", Domain: "id", Params: transform.Params{"range": []any{int64(1), int64(1000)}}}},
		{Path: "$.ref", Use: transform.Use{Treatment: "token", Domain: "ref"}},
		{Path: "$.gone", Use: transform.Use{Treatment: "null"}},
		{Path: "$.plan", Use: transform.Use{Treatment: "constant", Params: transform.Params{"value": int64(5)}}},
		{Path: "$.list[*].x", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.grid[*][*]", Use: transform.Use{Treatment: "redact"}},
		{Path: `$."a b"."c.d"`, Use: transform.Use{Treatment: "keep"}},
		{Path: "$.free.**", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.free.secret", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.free.deep.secret", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.out.**", Use: transform.Use{Treatment: "redact"}},
		{Path: "$.born", Use: transform.Use{Treatment: "shift"}},
	}})
}

func TestJSONPathByPath(t *testing.T) {
	tr := document1(t)
	cases := []struct{ in, want string }{
		{`{}`, `{}`},
		{`{"name": "Jörg"}`, `{"name":"J***"}`},
		{`{"name": null, "list": null}`, `{"name":null,"list":null}`},
		{`{"name": 1234}`, `{"name":"1***"}`},
		{`{"name": true}`, `{"name":"t***"}`},
		{`{"name": "a\"\n\\\u00e9\ud83d\ude00"}`, `{"name":"a*****"}`},
		{`{"name": "\"secret"}`, `{"name":"\"******"}`},
		{`{"n\u0061me": "secret"}`, `{"n\u0061me":"s*****"}`},
		{`{"name": "x1", "name": "y2"}`, `{"name":"x*","name":"y*"}`},
		{`{"gone": "x", "plan": "gold"}`, `{"gone":null,"plan":5}`},
		{`{"list": [{"x": "abc"}, {}, {"x": null}]}`, `{"list":[{"x":"***"},{},{"x":null}]}`},
		{`{"list": []}`, `{"list":[]}`},
		{`{"grid": [[1, "a"], [], [true]]}`, `{"grid":[[0,"[redacted]"],[],["[redacted]"]]}`},
		{`{"a b": {"c.d": 1.50e2}}`, `{"a b":{"c.d":1.50e2}}`},
		{`{"free": {"x": [1, {"y": "\u0000"}], "secret": "abc"}}`, `{"free":{"x":[1, {"y": "\u0000"}],"secret":"***"}}`},
		{`{"free": {"s\u0065cret": "abc"}}`, `{"free":{"s\u0065cret":"***"}}`},
		{`{"free": 7}`, `{"free":7}`},
		{`{"free": {"deep": 7}}`, `{"free":{"deep":7}}`},
		{`{"free": {"deep": {"x": [2], "secret": "abc"}}}`, `{"free":{"deep":{"x":[2],"secret":"***"}}}`},
		{`{"out": {"k": "v"}}`, `{"out":"[redacted]"}`},
		{`{"out": [1]}`, `{"out":"[redacted]"}`},
		{`null`, `null`},
	}
	for _, c := range cases {
		got := transformtest.Run(t, tr, c.in, nil)
		if got != c.want {
			t.Errorf("%s\n became %s\n want   %s", c.in, got, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

func TestJSONNumbersStayNumbers(t *testing.T) {
	tr := document1(t)
	asColumn := transformtest.Run(t, transformtest.Compile(t, transformtest.Int4, transform.Use{Treatment: "token", Domain: "id", Params: transform.Params{"range": []any{int64(1), int64(1000)}}}), "17", nil)
	if got := transformtest.Run(t, tr, `{"id": 17}`, nil); got != `{"id":`+asColumn+`}` {
		t.Errorf("%s; the column's 17 became %s", got, asColumn)
	}
	ref := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "token", Domain: "ref"}), "x1", nil)
	if got := transformtest.Run(t, tr, `{"ref": "x1"}`, nil); got != `{"ref":"`+ref+`"}` {
		t.Errorf("%s; the column's x1 became %s", got, ref)
	}
	if got := transformtest.Run(t, tr, `{"born": "2000-01-31T10:00:00Z"}`, nil); !strings.HasSuffix(got, `Z"}`) || !strings.Contains(got, "T") || strings.Contains(got, "2000-01-31") || strings.Contains(got, "T10:00:00") {
		t.Errorf("date: %s", got)
	}
}

func TestUnlistedJSONStops(t *testing.T) {
	tr := document1(t)
	cases := []struct{ in, code, say string }{
		{`{"zebra": "x"}`, "unlisted-path", "below $ (text);"},
		{`{"zebra": null}`, "unlisted-path", "below $ (null);"},
		{`{"zebra": {}}`, "unlisted-path", "below $ (object);"},
		{`{"zebra": [1]}`, "unlisted-path", "below $ (array);"},
		{`{"zebra": true}`, "unlisted-path", "below $ (boolean);"},
		{`{"secret": 1}`, "unlisted-path", "$.secret (number)"},
		{`{"name": {}}`, "unlisted-path", "$.name"},
		{`{"name": []}`, "unlisted-path", "$.name"},
		{`{"list": "x"}`, "unlisted-path", "$.list"},
		{`{"list": {}}`, "unlisted-path", "$.list"},
		{`{"list": [{"x": ["y"]}]}`, "unlisted-path", "$.list[*].x"},
		{`"x"`, "unlisted-path", "$"},
		{`[]`, "unlisted-path", "$"},
		{`{"name": "\u0000"}`, "bad-json-text", ""},
		{`{"name": "\ud800"}`, "bad-json-text", ""},
		{`{"name": "\ud800\u0041"}`, "bad-json-text", ""},
		{"{\"name\": \"\xff\"}", "bad-json-text", ""},
		{`{"id": "17"}`, "not-a-number", ""},
		{`{"id": 1001}`, "out-of-range", ""},
		{`{"born": "last year"}`, "not-a-date", ""},
		{``, "bad-json", ""},
		{`{"name": "x"`, "bad-json", ""},
		{`{"name" "x"}`, "bad-json", ""},
		{`{"name": "x",}`, "bad-json", ""},
		{`{"name": "x"} 1`, "bad-json", ""},
		{"{} \x00", "bad-json", ""},
		{`{"free": [1,]}`, "bad-json", ""},
		{`{"free": 01}`, "bad-json", ""},
		{`{"free": ` + strings.Repeat("[", 20000) + `}`, "deep-json", ""},
	}
	for _, c := range cases {
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(c.in)}, nil)
		var e *transform.Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Text, c.say) {
			t.Errorf("%.60s: %q, %v; want %s with %q", c.in, out, err, c.code, c.say)
		}
		if err != nil && strings.Contains(err.Error(), "zebra") {
			t.Errorf("%s: the error quotes a key that no path lists", c.in)
		}
	}
}

func TestJSONRulesAreChecked(t *testing.T) {
	keep := transform.Use{Treatment: "keep"}
	cases := []struct {
		name  string
		paths []transform.Path
		param string
	}{
		{"no paths", nil, "paths"},
		{"no dollar", []transform.Path{{Path: "name", Use: keep}}, "name"},
		{"negative index", []transform.Path{{Path: "$.list[-1]", Use: keep}}, "$.list[-1]"},
		{"padded index", []transform.Path{{Path: "$.list[01]", Use: keep}}, "$.list[01]"},
		{"three dots", []transform.Path{{Path: "$...x", Use: keep}}, "$...x"},
		{"nothing after two dots", []transform.Path{{Path: "$..", Use: keep}}, "$.."},
		{"star in the middle of two dots", []transform.Path{{Path: "$..*.x", Use: keep}}, "$..*.x"},
		{"half a condition", []transform.Path{{Path: `$.a[?(@.x == )]`, Use: keep}}, `$.a[?(@.x == )]`},
		{"open condition", []transform.Path{{Path: `$.a[?(@.x == "b"`, Use: keep}}, `$.a[?(@.x == "b"`},
		{"a key that becomes null", []transform.Path{{Path: "$.a.*~", Use: transform.Use{Treatment: "null"}}}, "$.a.*~"},
		{"two covers", []transform.Path{{Path: "$.a.**", Use: keep}, {Path: "$.a..*", Use: keep}}, "$.a..*"},
		{"open quote", []transform.Path{{Path: `$."a`, Use: keep}}, `$."a`},
		{"stars inside", []transform.Path{{Path: "$.**.x", Use: keep}}, "$.**.x"},
		{"twice", []transform.Path{{Path: "$.a", Use: keep}, {Path: `$."a"`, Use: keep}}, `$."a"`},
		{"mask of a subtree", []transform.Path{{Path: "$.a.**", Use: transform.Use{Treatment: "mask"}}}, "$.a.**"},
		{"path below a replaced subtree", []transform.Path{{Path: "$.a.**", Use: transform.Use{Treatment: "null"}}, {Path: "$.a.b", Use: keep}}, "$.a.**"},
		{"json in json", []transform.Path{{Path: "$.a", Use: transform.Use{Treatment: "json"}}}, "$.a"},
		{"unknown treatment", []transform.Path{{Path: "$.a", Use: transform.Use{Treatment: "maks"}}}, "$.a"},
		{"bad parameter", []transform.Path{{Path: "$.a", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_frist": int64(1)}}}}, "$.a"},
	}
	for _, c := range cases {
		_, err := library.Check(transformtest.Column(transformtest.JSONB), transform.Use{Treatment: "json", Paths: c.paths})
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestJSONNeedsTheSubjectsOfItsPaths(t *testing.T) {
	person := func(s string) transform.Use {
		return transform.Use{Treatment: "fake.given_name", As: "person", Subject: s, SubjectType: &transformtest.Int4}
	}
	u := transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.a", Use: person("one")}, {Path: "$.b", Use: person("two")}, {Path: "$.c", Use: person("one")}}}
	traits, err := library.Check(transformtest.Column(transformtest.JSONB), u)
	if err != nil || strings.Join(traits.Needs, ",") != "one,two" {
		t.Fatalf("needs %v, %v", traits.Needs, err)
	}
	one, two := person("id"), transformtest.Compile(t, transformtest.Text, person("id"))
	a, b := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, one), "x", transformtest.Row("1")), transformtest.Run(t, two, "x", transformtest.Row("2"))
	want := `{"a":"` + a + `","b":"` + b + `","c":"` + a + `"}`
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.JSONB, u), `{"a": "p", "b": "q", "c": "r"}`, transformtest.Row("1", "2")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzJSON checks that a document either stops the treatment or becomes JSON in which every scalar was treated.
func FuzzJSON(f *testing.F) {
	for _, in := range transformtest.Adversaries("json") {
		f.Add(in)
	}
	u := transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.a", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.b[*]", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.b[*].a", Use: transform.Use{Treatment: "mask"}},
		{Path: "$.c.**", Use: transform.Use{Treatment: "null"}},
		{Path: "$.d", Use: transform.Use{Treatment: "null"}},
		{Path: "$.e.*", Use: transform.Use{Treatment: "mask"}},
	}}
	for _, in := range []string{`{"d": "\ud800"}`, `{"e": {"\u0000": "x", "\ud800": "y"}}`, `{"d": "\u0000", "a": "\ud83d\ude00"}`} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		tr := transformtest.Compile(t, transformtest.JSONB, u)
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil)
		if err != nil {
			return
		}
		if !json.Valid(out) || !json.Valid([]byte(in)) {
			t.Fatalf("%q became %q", in, out)
		}
		var v any
		if err := json.Unmarshal(out, &v); err != nil {
			t.Fatal(err)
		}
		if !onlyMasks(v) {
			t.Fatalf("%q became %q", in, out)
		}
	})
}

func onlyMasks(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.Trim(v, "*") == ""
	case []any:
		for _, e := range v {
			if !onlyMasks(e) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, e := range v {
			if !onlyMasks(e) {
				return false
			}
		}
		return true
	}
	return false
}

// A document that is a scalar itself has nothing below its root, so the error does not name the line for all other paths.
func TestAScalarDocumentNeedsALineForTheRoot(t *testing.T) {
	all := transform.Path{Path: "$..*", Use: transform.Use{Treatment: "redact"}}
	to := transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{all}})
	_, _, err := to.Append(nil, transform.Cell{Text: []byte(`"x"`)}, nil)
	if err == nil || !strings.Contains(err.Error(), "list it (`$: {treat: redact}`") || strings.Contains(err.Error(), "$..*") {
		t.Error(err)
	}
}

// The refresh stops at an unlisted path. The error names the place and the kind, and the lines to write. It quotes no
// key that the paths do not name.
func TestUnlistedPathsNameTheLine(t *testing.T) {
	keep := transform.Use{Treatment: "keep"}
	all := transform.Path{Path: "$..*", Use: transform.Use{Treatment: "redact"}}
	for doc, want := range map[string]string{
		`{"secret": {"b": 1}}`: "an unlisted path below $ (object); list it (`$.KEY.**: {treat: redact}`",
		`{"secret": [1]}`:      "an unlisted path below $ (array); list it (`$.KEY[*].**: {treat: redact}`",
		`{"a": [1]}`:           "an object or array at $.a, but the listed paths expect something else there; list it (`$.a[*].**: {treat: redact}`",
		`{"x": "y"}`:           "a scalar at $.x, but only longer paths are listed; list it (`$.x: {treat: redact}`",
		`{"x": {"a": true}}`:   "the unlisted path $.x.a (boolean); list it (`$.x.a: {treat: redact}`",
	} {
		paths := []transform.Path{{Path: "$.a", Use: keep}, {Path: "$.x.y", Use: keep}}
		to := transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: paths})
		_, _, err := to.Append(nil, transform.Cell{Text: []byte(doc)}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "`\"$..*\": {treat: redact}`") {
			t.Errorf("%s: %v", doc, err)
		}
		to = transformtest.Compile(t, transformtest.JSONB, transform.Use{Treatment: "json", Paths: append(paths, all)})
		if _, _, err := to.Append(nil, transform.Cell{Text: []byte(doc)}, nil); err != nil {
			t.Errorf("%s, with a default: %v", doc, err)
		}
	}
}
