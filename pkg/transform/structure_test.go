package transform

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

var (
	tHstore    = typeOf(catalog.Hstore, "hstore")
	tXML       = typeOf(catalog.XML, "xml")
	tIntRange  = catalog.Type{Name: "int4range", Base: "int4range", Family: catalog.Range, Elem: &tInt4}
	tDateRange = catalog.Type{Name: "daterange", Base: "daterange", Family: catalog.Range, Elem: &tDate}
	tTZRange   = catalog.Type{Name: "tstzrange", Base: "tstzrange", Family: catalog.Range, Elem: &tStampTZ}
	tTextRange = catalog.Type{Name: "public.span", Base: "span", Family: catalog.Range, Elem: &tText}
	tDates     = catalog.Type{Name: "datemultirange", Base: "datemultirange", Family: catalog.Multirange, Elem: &tDateRange}
	tPair      = catalog.Type{Name: "public.pair", Base: "pair", Family: catalog.Composite, Fields: []catalog.Field{{Name: "a", Type: tText}, {Name: "b", Type: arrayOf(tText)}}}
)

var maskFirst = Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}

// goodFor is a value a treatment takes on a family: texts may have to hold a document.
func goodFor(treatment string, f catalog.Family, good map[catalog.Family]string) (string, bool) {
	documents := map[string]string{
		"json": `{"a": "se\ncret", "b": [null], "c": [1]}`, "xml": `<a b="x">y<c>z</c></a>`, "csv": "a,\"b\"\"c\",\n",
		"hstore": `"a"=>"x", "b"=>NULL`, "fields": `(a,"{x,NULL}")`,
	}
	if in, ok := documents[treatment]; ok {
		return in, true
	}
	in, ok := good[f]
	return in, ok
}

// outcomes runs values through a transform; want is the code of an error where it starts with "!".
func outcomes(t *testing.T, tr Transform, cases map[string]string) {
	t.Helper()
	for in, want := range cases {
		out, null, err := tr.Append([]byte("<"), Cell{Text: []byte(in)}, nil)
		code, stops := strings.CutPrefix(want, "!")
		var e *Error
		switch {
		case stops && (!errors.As(err, &e) || e.Code != code):
			t.Errorf("%s: %q, %v; want an error %s", in, out, err, code)
		case !stops && (err != nil || null || string(out) != "<"+want):
			t.Errorf("%s became %s (%v), want %s", in, out, err, want)
		}
	}
}

func TestHstoreKeyByKey(t *testing.T) {
	some := compile(t, tHstore, Use{Treatment: "hstore", Paths: []Path{{"a", maskFirst}, {`q"\`, Use{Treatment: "null"}}, {"doc", Use{Treatment: "json", Paths: []Path{{"$.x", maskFirst}}}}}})
	outcomes(t, some, map[string]string{
		``:                                ``,
		`"a"=>"secret"`:                   `"a"=>"s*****"`,
		`"a"=>NULL`:                       `"a"=>NULL`,
		`"a"=>"NULL", "q\"\\"=>"x"`:       `"a"=>"N***", "q\"\\"=>NULL`,
		`"a"=>"\"\\"`:                     `"a"=>"\"*"`,
		`"doc"=>"{\"x\": \"ab\"}"`:        `"doc"=>"{\"x\":\"a*\"}"`,
		`"z"=>"secret"`:                   "!unlisted-key",
		`"z"=>NULL`:                       "!unlisted-key",
		`"A"=>"x"`:                        "!unlisted-key",
		`a=>x`:                            "!bad-hstore",
		`"a"=>"x",`:                       "!bad-hstore",
		`"a"=>"x" "a"=>"y"`:               "!bad-hstore",
		`"a"=>"x`:                         "!bad-hstore",
		`"a"=>secret`:                     "!bad-hstore",
		`"a"=>`:                           "!bad-hstore",
		`"a"=>NULLsecret`:                 "!bad-hstore",
		`"doc"=>"{\"y\": \"not listed\"}`: "!bad-hstore",
	})
	every := compile(t, tHstore, Use{Treatment: "hstore", Paths: []Path{{"*", maskFirst}, {"*~", maskFirst}, {"kept", Use{Treatment: "keep"}}}})
	outcomes(t, every, map[string]string{
		`"ada"=>"x1", "kept"=>"y"`: `"a**"=>"x*", "kept"=>"y"`,
		`"ada"=>"x", "abe"=>"y"`:   "!same-key",
	})
}

func TestCompositesFieldByField(t *testing.T) {
	tr := compile(t, tPair, Use{Treatment: "fields", Paths: []Path{{"a", maskFirst}, {"b", maskFirst}}})
	outcomes(t, tr, map[string]string{
		`(,)`:                       `(,)`,
		`(abc,"{d,ef}")`:            `(a**,"{*,e*}")`,
		`("",{})`:                   `("",{})`,
		`("a ""b"" \\c, d",{NULL})`: `(a**********,{NULL})`,
		`("""x",{})`:                `("""*",{})`,
		`(abc)`:                     "!bad-composite",
		`(abc,{},)`:                 "!bad-composite",
		`abc`:                       "!bad-composite",
		`(abc,{}) x`:                "!bad-composite",
		`("abc,{})`:                 "!bad-composite",
		`(a(b,{})`:                  "!bad-composite",
		``:                          "!bad-composite",
		`(abc,x)`:                   "!bad-array",
	})
	nested := catalog.Type{Name: "public.outer", Family: catalog.Composite, Fields: []catalog.Field{{Name: "p", Type: tPair}, {Name: "n", Type: tInt4}}}
	u := Use{Treatment: "fields", Paths: []Path{{"p", Use{Treatment: "fields", Paths: []Path{{"a", maskFirst}, {"b", Use{Treatment: "null"}}}}}, {"n", Use{Treatment: "keep"}}}}
	outcomes(t, compile(t, nested, u), map[string]string{`("(""a """"b"",{})",5)`: `("(a***,)",5)`})
	outcomes(t, compile(t, arrayOf(tPair), Use{Treatment: "fields", Paths: []Path{{"a", maskFirst}, {"b", maskFirst}}}), map[string]string{
		`{{"(abc,\"{d,ef}\")",NULL}}`: `{{"(a**,\"{*,e*}\")",NULL}}`,
	})
}

func TestPartsAreCheckedAtPlanTime(t *testing.T) {
	keep := Use{Treatment: "keep"}
	cases := []struct {
		typ   catalog.Type
		use   Use
		param string
	}{
		{tPair, Use{Treatment: "fields", Paths: []Path{{"a", keep}}}, "paths"},
		{tPair, Use{Treatment: "fields", Paths: []Path{{"a", keep}, {"b", keep}, {"c", keep}}}, "c"},
		{tPair, Use{Treatment: "fields", Paths: []Path{{"a", Use{Treatment: "shift"}}, {"b", keep}}}, "a"},
		{tHstore, Use{Treatment: "hstore"}, "paths"},
		{tHstore, Use{Treatment: "hstore", Paths: []Path{{"a", keep}, {"a", keep}}}, "a"},
		{tHstore, Use{Treatment: "hstore", Paths: []Path{{"*~", Use{Treatment: "null"}}}}, "*~"},
		{tIntRange, Use{Treatment: "mask"}, "treat"},
	}
	for _, c := range cases {
		_, err := Check(column(c.typ), c.use)
		var p *ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s on %s: %v", c.use.Treatment, c.typ.Name, err)
		}
	}
}

func TestRangesTakeTheTreatmentOfTheirBounds(t *testing.T) {
	shift := Use{Treatment: "shift", Params: Params{"days": int64(5)}}
	bound := func(typ catalog.Type, in string) string { return run(t, compile(t, typ, shift), in, nil) }
	outcomes(t, compile(t, tDateRange, shift), map[string]string{
		`empty`: `empty`, `(,)`: `(,)`, `[2020-01-01,)`: `[` + bound(tDate, "2020-01-01") + `,)`,
		`(,2020-01-01)`:            `(,` + bound(tDate, "2020-01-01") + `)`,
		`[2020-01-01,2021-01-01)`:  `[` + bound(tDate, "2020-01-01") + `,` + bound(tDate, "2021-01-01") + `)`,
		`[2020-01-01,infinity)`:    "!infinity",
		`[2020-01-01,2021-01-01`:   "!bad-range",
		`[2020-01-01)`:             "!bad-range",
		`2020-01-01`:               "!bad-range",
		`[2020-01-01,2021-01-01) `: "!bad-range",
		`[,,]`:                     "!bad-range",
		``:                         "!bad-range",
		`[x,y)`:                    "!not-a-date",
	})
	at := bound(tStampTZ, "2020-01-01 10:00:00+00")
	outcomes(t, compile(t, tTZRange, shift), map[string]string{`["2020-01-01 10:00:00+00",)`: `["` + at + `",)`})
	outcomes(t, compile(t, tTextRange, maskFirst), map[string]string{`["a, ""b""",""]`: `[a*****,""]`})
	outcomes(t, compile(t, tDates, shift), map[string]string{
		`{}`: `{}`, `{[2020-01-01,2021-01-01),[2030-01-01,)}`: `{[` + bound(tDate, "2020-01-01") + `,` + bound(tDate, "2021-01-01") + `),[` + bound(tDate, "2030-01-01") + `,)}`,
		`{[2020-01-01,2021-01-01)`: "!bad-range", `{`: "!bad-range", `{}x`: "!bad-range", `[1,2)`: "!bad-range", `{empty}`: "!bad-range",
	})
}

func TestBoundsThatCrossChangePlaces(t *testing.T) {
	tr := compile(t, tIntRange, Use{Treatment: "token", Params: Params{"range": []any{int64(0), int64(99)}}})
	for lower := range 99 {
		in := "[" + string(appendInt(nil, int64(lower))) + "," + string(appendInt(nil, int64(lower)+1)) + ")"
		out := strings.Trim(run(t, tr, in, nil), "[)")
		a, b, _ := strings.Cut(out, ",")
		if c, ok := compareNumbers([]byte(a), []byte(b)); !ok || c >= 0 {
			t.Errorf("%s became %s", in, out)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"1", "2", -1}, {"10", "9", 1}, {"-1", "1", -1}, {"-2", "-1", -1}, {"1.5", "1.50", 0}, {"0.1", "0.09", 1}, {"-0", "0", 0}, {"007", "7", 0}, {"-1.5", "-1.25", -1}} {
		if got, ok := compareNumbers([]byte(c.a), []byte(c.b)); !ok || got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
	if _, ok := compareNumbers([]byte("NaN"), []byte("1")); ok {
		t.Error("NaN compares")
	}
}

// Whatever comes in, either it stops or what comes out reads again and holds nothing but masks.
func FuzzHstore(f *testing.F) {
	f.Add(`"a"=>"x", "b\"\\"=>NULL`)
	f.Fuzz(func(t *testing.T, in string) {
		fuzzMasked(t, tHstore, everyPart("hstore", "*", "*~"), in, `*"=>, NUL\`)
	})
}

func FuzzComposite(f *testing.F) {
	f.Add(`("a ""b"" \\c, d",{NULL,"x y"})`)
	f.Fuzz(func(t *testing.T, in string) {
		fuzzMasked(t, tPair, everyPart("fields", "a", "b"), in, "*(),\"{}NUL\\[]0123456789:-=")
	})
}

func FuzzRange(f *testing.F) {
	f.Add(`["a, ""b""",c)`)
	f.Fuzz(func(t *testing.T, in string) { fuzzMasked(t, tTextRange, Use{Treatment: "mask"}, in, "*[](),\"empty") })
}

func everyPart(treatment string, names ...string) Use {
	u := Use{Treatment: treatment}
	for _, n := range names {
		u.Paths = append(u.Paths, Path{n, Use{Treatment: "mask"}})
	}
	return u
}

func fuzzMasked(t *testing.T, typ catalog.Type, u Use, in, only string) {
	tr := compile(t, typ, u)
	out, _, err := tr.Append(nil, Cell{Text: []byte(in)}, nil)
	if err != nil {
		return
	}
	again, _, err := tr.Append(nil, Cell{Text: out}, nil)
	if err != nil || string(again) != string(out) {
		t.Fatalf("%q became %q, which became %q (%v)", in, out, again, err)
	}
	if strings.Trim(string(out), only) != "" {
		t.Fatalf("%q became %q: more than masks came out", in, out)
	}
}
