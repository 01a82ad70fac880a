package structured_test

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestHstoreKeyByKey(t *testing.T) {
	some := transformtest.Compile(t, transformtest.Hstore, transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "a", Use: transformtest.MaskFirst}, {Path: `q"\`, Use: transform.Use{Treatment: "null"}}, {Path: "doc", Use: transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.x", Use: transformtest.MaskFirst}}}}}})
	transformtest.Outcomes(t, some, map[string]string{
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
	every := transformtest.Compile(t, transformtest.Hstore, transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "*", Use: transformtest.MaskFirst}, {Path: "*~", Use: transformtest.MaskFirst}, {Path: "kept", Use: transform.Use{Treatment: "keep"}}}})
	transformtest.Outcomes(t, every, map[string]string{
		`"ada"=>"x1", "kept"=>"y"`: `"a**"=>"x*", "kept"=>"y"`,
		`"ada"=>"x", "abe"=>"y"`:   "!same-key",
	})
}

func TestCompositesFieldByField(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Pair, transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: transformtest.MaskFirst}, {Path: "b", Use: transformtest.MaskFirst}}})
	transformtest.Outcomes(t, tr, map[string]string{
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
	nested := catalog.Type{Name: "public.outer", Family: catalog.Composite, Fields: []catalog.Field{{Name: "p", Type: transformtest.Pair}, {Name: "n", Type: transformtest.Int4}}}
	u := transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "p", Use: transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: transformtest.MaskFirst}, {Path: "b", Use: transform.Use{Treatment: "null"}}}}}, {Path: "n", Use: transform.Use{Treatment: "keep"}}}}
	transformtest.Outcomes(t, transformtest.Compile(t, nested, u), map[string]string{`("(""a """"b"",{})",5)`: `("(a***,)",5)`})
	transformtest.Outcomes(t, transformtest.Compile(t, transformtest.ArrayOf(transformtest.Pair), transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: transformtest.MaskFirst}, {Path: "b", Use: transformtest.MaskFirst}}}), map[string]string{
		`{{"(abc,\"{d,ef}\")",NULL}}`: `{{"(a**,\"{*,e*}\")",NULL}}`,
	})
}

func TestPartsAreCheckedAtPlanTime(t *testing.T) {
	keep := transform.Use{Treatment: "keep"}
	cases := []struct {
		typ   catalog.Type
		use   transform.Use
		param string
	}{
		{transformtest.Pair, transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: keep}}}, "paths"},
		{transformtest.Pair, transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: keep}, {Path: "b", Use: keep}, {Path: "c", Use: keep}}}, "c"},
		{transformtest.Pair, transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: transform.Use{Treatment: "shift"}}, {Path: "b", Use: keep}}}, "a"},
		{transformtest.Hstore, transform.Use{Treatment: "hstore"}, "paths"},
		{transformtest.Hstore, transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "a", Use: keep}, {Path: "a", Use: keep}}}, "a"},
		{transformtest.Hstore, transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "*~", Use: transform.Use{Treatment: "null"}}}}, "*~"},
		{transformtest.IntRange, transform.Use{Treatment: "mask"}, "treat"},
	}
	for _, c := range cases {
		_, err := library.Check(transformtest.Column(c.typ), c.use)
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s on %s: %v", c.use.Treatment, c.typ.Name, err)
		}
	}
}

// FuzzHstore checks that a value either stops the treatment or becomes a valid value in which everything is masked.
func FuzzHstore(f *testing.F) {
	f.Add(`"a"=>"x", "b\"\\"=>NULL`)
	f.Fuzz(func(t *testing.T, in string) {
		transformtest.OnlyMasked(t, transformtest.Hstore, transformtest.EveryPart("hstore", "*", "*~"), in, `*"=>, NUL\`)
	})
}

func FuzzComposite(f *testing.F) {
	f.Add(`("a ""b"" \\c, d",{NULL,"x y"})`)
	f.Fuzz(func(t *testing.T, in string) {
		transformtest.OnlyMasked(t, transformtest.Pair, transformtest.EveryPart("fields", "a", "b"), in, "*(),\"{}NUL\\[]0123456789:-=")
	})
}
