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
