package transform

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func document1(t testing.TB) Transform {
	return compile(t, tJSONB, Use{Treatment: "json", Paths: []Path{
		{"$.name", Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}},
		{"$.id", Use{Treatment: "token", Domain: "id", Params: Params{"range": []any{int64(1), int64(1000)}}}},
		{"$.ref", Use{Treatment: "token", Domain: "ref"}},
		{"$.gone", Use{Treatment: "null"}},
		{"$.plan", Use{Treatment: "constant", Params: Params{"value": int64(5)}}},
		{"$.list[*].x", Use{Treatment: "mask"}},
		{"$.grid[*][*]", Use{Treatment: "redact"}},
		{`$."a b"."c.d"`, Use{Treatment: "keep"}},
		{"$.free.**", Use{Treatment: "keep"}},
		{"$.free.secret", Use{Treatment: "mask"}},
		{"$.free.deep.secret", Use{Treatment: "mask"}},
		{"$.out.**", Use{Treatment: "redact"}},
		{"$.born", Use{Treatment: "shift"}},
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
		got := run(t, tr, c.in, nil)
		if got != c.want {
			t.Errorf("%s\n became %s\n want   %s", c.in, got, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

func TestJSONNumbersStayNumbersWhereTheTreatmentGivesOne(t *testing.T) {
	tr := document1(t)
	asColumn := run(t, compile(t, tInt4, Use{Treatment: "token", Domain: "id", Params: Params{"range": []any{int64(1), int64(1000)}}}), "17", nil)
	if got := run(t, tr, `{"id": 17}`, nil); got != `{"id":`+asColumn+`}` {
		t.Errorf("%s; the column's 17 became %s", got, asColumn)
	}
	ref := run(t, compile(t, tText, Use{Treatment: "token", Domain: "ref"}), "x1", nil)
	if got := run(t, tr, `{"ref": "x1"}`, nil); got != `{"ref":"`+ref+`"}` {
		t.Errorf("%s; the column's x1 became %s", got, ref)
	}
	if got := run(t, tr, `{"born": "2000-01-31T10:00:00Z"}`, nil); !strings.HasSuffix(got, `T10:00:00Z"}`) || strings.Contains(got, "2000-01-31") {
		t.Errorf("date: %s", got)
	}
}

func TestJSONStopsOnWhatIsNotListed(t *testing.T) {
	tr := document1(t)
	cases := []struct{ in, code, say string }{
		{`{"zebra": "x"}`, "unlisted-path", "below $;"},
		{`{"zebra": null}`, "unlisted-path", "below $;"},
		{`{"zebra": {}}`, "unlisted-path", "below $;"},
		{`{"secret": 1}`, "unlisted-path", "$.secret"},
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
		out, _, err := tr.Append(nil, Cell{Text: []byte(c.in)}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Text, c.say) {
			t.Errorf("%.60s: %q, %v; want %s with %q", c.in, out, err, c.code, c.say)
		}
		if err != nil && strings.Contains(err.Error(), "zebra") {
			t.Errorf("%s: the error quotes a key nobody listed", c.in)
		}
	}
}

func TestJSONRulesAreChecked(t *testing.T) {
	keep := Use{Treatment: "keep"}
	cases := []struct {
		name  string
		paths []Path
		param string
	}{
		{"no paths", nil, "paths"},
		{"no dollar", []Path{{"name", keep}}, "name"},
		{"negative index", []Path{{"$.list[-1]", keep}}, "$.list[-1]"},
		{"padded index", []Path{{"$.list[01]", keep}}, "$.list[01]"},
		{"three dots", []Path{{"$...x", keep}}, "$...x"},
		{"nothing after two dots", []Path{{"$..", keep}}, "$.."},
		{"star in the middle of two dots", []Path{{"$..*.x", keep}}, "$..*.x"},
		{"half a condition", []Path{{`$.a[?(@.x == )]`, keep}}, `$.a[?(@.x == )]`},
		{"open condition", []Path{{`$.a[?(@.x == "b"`, keep}}, `$.a[?(@.x == "b"`},
		{"a key that becomes null", []Path{{"$.a.*~", Use{Treatment: "null"}}}, "$.a.*~"},
		{"two covers", []Path{{"$.a.**", keep}, {"$.a..*", keep}}, "$.a..*"},
		{"open quote", []Path{{`$."a`, keep}}, `$."a`},
		{"stars inside", []Path{{"$.**.x", keep}}, "$.**.x"},
		{"twice", []Path{{"$.a", keep}, {`$."a"`, keep}}, `$."a"`},
		{"mask of a subtree", []Path{{"$.a.**", Use{Treatment: "mask"}}}, "$.a.**"},
		{"path below a replaced subtree", []Path{{"$.a.**", Use{Treatment: "null"}}, {"$.a.b", keep}}, "$.a.**"},
		{"json in json", []Path{{"$.a", Use{Treatment: "json"}}}, "$.a"},
		{"unknown treatment", []Path{{"$.a", Use{Treatment: "maks"}}}, "$.a"},
		{"bad parameter", []Path{{"$.a", Use{Treatment: "mask", Params: Params{"keep_frist": int64(1)}}}}, "$.a"},
	}
	for _, c := range cases {
		_, err := Check(column(tJSONB), Use{Treatment: "json", Paths: c.paths})
		var p *ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestJSONNeedsTheSubjectsItsPathsAskFor(t *testing.T) {
	person := func(s string) Use {
		return Use{Treatment: "fake.given_name", As: "person", Subject: s, SubjectType: &tInt4}
	}
	u := Use{Treatment: "json", Paths: []Path{{"$.a", person("one")}, {"$.b", person("two")}, {"$.c", person("one")}}}
	traits, err := Check(column(tJSONB), u)
	if err != nil || strings.Join(traits.Needs, ",") != "one,two" {
		t.Fatalf("needs %v, %v", traits.Needs, err)
	}
	one, two := person("id"), compile(t, tText, person("id"))
	a, b := run(t, compile(t, tText, one), "x", row("1")), run(t, two, "x", row("2"))
	want := `{"a":"` + a + `","b":"` + b + `","c":"` + a + `"}`
	if got := run(t, compile(t, tJSONB, u), `{"a": "p", "b": "q", "c": "r"}`, row("1", "2")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever comes in, either it stops or JSON comes out, without a scalar that was not treated.
func FuzzJSON(f *testing.F) {
	for _, in := range adversaries("json") {
		f.Add(in)
	}
	u := Use{Treatment: "json", Paths: []Path{
		{"$", Use{Treatment: "mask"}},
		{"$.a", Use{Treatment: "mask"}},
		{"$.b[*]", Use{Treatment: "mask"}},
		{"$.b[*].a", Use{Treatment: "mask"}},
		{"$.c.**", Use{Treatment: "null"}},
	}}
	f.Fuzz(func(t *testing.T, in string) {
		tr := compile(t, tJSONB, u)
		out, _, err := tr.Append(nil, Cell{Text: []byte(in)}, nil)
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
