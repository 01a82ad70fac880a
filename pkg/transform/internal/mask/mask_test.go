package mask_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestMaskCoversTheRest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first, last := rapid.IntRange(0, 6).Draw(rt, "first"), rapid.IntRange(0, 6).Draw(rt, "last")
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[*ab]{0,10}`)).Draw(rt, "in")
		tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(first), "keep_last": int64(last)}})
		out, src := []rune(transformtest.Run(t, tr, in, nil)), []rune(in)
		if len(out) != len(src) {
			rt.Fatalf("%q became %q: another length", in, string(out))
		}
		if string(out) == in && strings.Trim(in, "*") != "" {
			rt.Fatalf("%q came through", in)
		}
		for i := range out {
			kept := len(src) > first+last && (i < first || i >= len(src)-last)
			if out[i] != '*' && (!kept || out[i] != src[i]) {
				rt.Fatalf("%q became %q: position %d", in, string(out), i)
			}
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, in := range transformtest.Adversaries(catalog.Text) {
		f.Add(in, 1, 2)
	}
	f.Fuzz(func(t *testing.T, in string, first, last int) {
		u := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(first), "keep_last": int64(last)}}
		if _, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil {
			return
		}
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), in, nil)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(in) || out == in && strings.Trim(in, "*") != "" {
			t.Fatalf("%q became %q", in, out)
		}
	})
}

func TestMaskIgnoresBpcharPadding(t *testing.T) {
	u := transform.Use{Treatment: "mask", Params: transform.Params{"keep_last": int64(2)}}
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Bpchar, u), "abcd    ", nil); got != "**cd" {
		t.Errorf("got %q", got)
	}
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Bpchar, u), "ab      ", nil); got != "**" {
		t.Errorf("got %q", got)
	}
}
