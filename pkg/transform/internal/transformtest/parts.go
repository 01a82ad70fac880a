package transformtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

var (
	Hstore    = typeOf(catalog.Hstore, "hstore")
	XML       = typeOf(catalog.XML, "xml")
	IntRange  = catalog.Type{Name: "int4range", Base: "int4range", Family: catalog.Range, Elem: &Int4}
	DateRange = catalog.Type{Name: "daterange", Base: "daterange", Family: catalog.Range, Elem: &Date}
	TZRange   = catalog.Type{Name: "tstzrange", Base: "tstzrange", Family: catalog.Range, Elem: &StampTZ}
	TextRange = catalog.Type{Name: "public.span", Base: "span", Family: catalog.Range, Elem: &Text}
	Dates     = catalog.Type{Name: "datemultirange", Base: "datemultirange", Family: catalog.Multirange, Elem: &DateRange}
	Pair      = catalog.Type{Name: "public.pair", Base: "pair", Family: catalog.Composite, Fields: []catalog.Field{{Name: "a", Type: Text}, {Name: "b", Type: ArrayOf(Text)}}}
)

var MaskFirst = transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}

// Outcomes treats values and compares the results. If the wanted result starts with "!", the rest of it is the code of
// the wanted error.
func Outcomes(t *testing.T, tr transform.Transform, cases map[string]string) {
	t.Helper()
	for in, want := range cases {
		out, null, err := tr.Append([]byte("<"), transform.Cell{Text: []byte(in)}, nil)
		code, stops := strings.CutPrefix(want, "!")
		var e *transform.Error
		switch {
		case stops && (!errors.As(err, &e) || e.Code != code):
			t.Errorf("%s: %q, %v; want an error %s", in, out, err, code)
		case !stops && (err != nil || null || string(out) != "<"+want):
			t.Errorf("%s became %s (%v), want %s", in, out, err, want)
		}
	}
}

// EveryPart returns a use that masks each of the named parts.
func EveryPart(treatment string, names ...string) transform.Use {
	u := transform.Use{Treatment: treatment}
	for _, n := range names {
		u.Paths = append(u.Paths, transform.Path{Path: n, Use: transform.Use{Treatment: "mask"}})
	}
	return u
}

// OnlyMasked treats a value with a use that masks everything, and then treats the result. It fails the test if the
// second result differs from the first, or if the first holds characters that are not in the argument only. If the
// treatment of the value returns an error, OnlyMasked tests nothing.
func OnlyMasked(t *testing.T, typ catalog.Type, u transform.Use, in, only string) {
	tr := Compile(t, typ, u)
	out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil)
	if err != nil {
		return
	}
	again, _, err := tr.Append(nil, transform.Cell{Text: out}, nil)
	if err != nil || string(again) != string(out) {
		t.Fatalf("%q became %q, which became %q (%v)", in, out, again, err)
	}
	if strings.Trim(string(out), only) != "" {
		t.Fatalf("%q became %q: more than masks came out", in, out)
	}
}
