package transform

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

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
