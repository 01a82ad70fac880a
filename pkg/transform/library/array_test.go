package library_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

func TestArraysKeepTheirShape(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}})
	cases := []struct{ in, want string }{
		{`{}`, `{}`},
		{`{abc,de}`, `{a**,d*}`},
		{`{NULL,abc,"NULL",null}`, `{NULL,a**,N***,NULL}`},
		{`{{abc,d},{NULL,"e,f"}}`, `{{a**,*},{NULL,e**}}`},
		{`[2:3]={abc,de}`, `[2:3]={a**,d*}`},
		{`[-1:0][5:5]={{abc},{de}}`, `[-1:0][5:5]={{a**},{d*}}`},
		{`{N\ULL}`, `{N***}`},
		{`{"","{x","\"q\"","a\\b"," pad"}`, `{"","{*","\"**",a**," ***"}`},
	}
	for _, c := range cases {
		if got := transformtest.Run(t, tr, c.in, nil); got != c.want {
			t.Errorf("%s became %s, want %s", c.in, got, c.want)
		}
	}
}

func TestResultNullIsQuoted(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "constant", Params: transform.Params{"value": "null"}})
	if got := transformtest.Run(t, tr, "{a,NULL}", nil); got != `{"null",NULL}` {
		t.Errorf("got %s", got)
	}
}

func TestTreatmentCanMakeElementsNull(t *testing.T) {
	out, null, err := transformtest.Compile(t, transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "null"}).Append(nil, transform.Cell{Text: []byte("{a}")}, nil)
	if !null || err != nil || len(out) != 0 {
		t.Errorf("null takes the whole array: %q %v %v", out, null, err)
	}
}

func TestInvalidArraysAreErrors(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "mask"})
	for _, in := range []string{"", "{", "}", "{a", `{"a`, "{a,}", "{,a}", "{a}b", "{a}{b}", "x", "[1:1]{a}", "[x]={a}", "={a}", `{a"b"}`, "{a{b}}", `{"a"b}`, "{{{{{{{a}}}}}}}"} {
		if out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil); err == nil {
			t.Errorf("%q became %q", in, out)
		}
	}
}

// FuzzArray checks that an array either stops the treatment or becomes an array whose elements are masked.
func FuzzArray(f *testing.F) {
	for _, in := range inputs(transformtest.ArrayOf(transformtest.Text)) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		tr := transformtest.Compile(t, transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "mask"})
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil)
		if err != nil {
			return
		}
		again, _, err := tr.Append(nil, transform.Cell{Text: out}, nil)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%q became %q, which became %q (%v)", in, out, again, err)
		}
		if !strings.HasPrefix(in, "[") && strings.Trim(string(out), `*{},"NUL`) != "" {
			t.Fatalf("%q became %q: more than masks came out", in, out)
		}
	})
}
