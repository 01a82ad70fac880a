package mask_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// If the other parameters would cover a smaller part of a value than the parameter "least" demands, mask covers the
// whole value.
func TestP8MaskCoversWhatItStates(t *testing.T) {
	for _, c := range []struct {
		params   transform.Params
		in, want string
	}{
		{transform.Params{"keep_first": int64(2)}, "Bo", "**"},
		{transform.Params{"keep_first": int64(2)}, "Bob", "***"},
		{transform.Params{"keep_first": int64(2)}, "Boba", "Bo**"},
		{transform.Params{"keep_first": int64(2), "least": int64(30)}, "Bob", "Bo*"},
		{transform.Params{"keep_first": int64(2), "keep_last": int64(2)}, "Grace", "*****"},
		{transform.Params{"keep_first": int64(1), "keep_last": int64(1)}, "Jörg", "J**g"},
		{transform.Params{"keep_last": int64(4)}, "4111111111111111", "************1111"},
		{transform.Params{"keep_last": int64(4), "least": int64(80)}, "4111111111111111", "****************"},
		{transform.Params{"only": "digits"}, "Rose Cottage 1", "**************"},
		{transform.Params{"only": "digits"}, "+49 30 901820 x", "+** ** ****** x"},
		{transform.Params{"only": "letters"}, "AB 12345678", "***********"},
		{transform.Params{"separators": "keep", "keep_first": int64(1)}, "A-1", "A-*"},
		{transform.Params{"separators": "keep", "keep_first": int64(1)}, "------A", "------*"},
		{transform.Params{"separators": "keep", "keep_last": int64(2)}, "a@b.c", "*@*.c"},
	} {
		tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "mask", Params: c.params})
		if got := transformtest.Run(t, tr, c.in, nil); got != c.want {
			t.Errorf("%v: %q became %q, want %q", c.params, c.in, got, c.want)
		}
	}
}

// For all values and parameters, mask covers at least the share of the letters and digits that the parameter least
// says.
func TestP8MaskNeverCoversLess(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		least := rapid.Int64Range(1, 100).Draw(rt, "least")
		in := rapid.StringMatching(`[a-z0-9éß @.-]{1,20}`).Draw(rt, "value")
		tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "mask", Params: transform.Params{
			"keep_first": rapid.Int64Range(0, 6).Draw(rt, "first"), "keep_last": rapid.Int64Range(0, 6).Draw(rt, "last"), "least": least,
			"only": rapid.SampledFrom([]string{"all", "digits", "letters"}).Draw(rt, "only"), "separators": "keep",
		}})
		out := transformtest.Run(t, tr, in, nil)
		covered := int64(strings.Count(out, "*"))
		letters := int64(utf8.RuneCountInString(strings.Trim(strings.NewReplacer(" ", "", "@", "", ".", "", "-", "").Replace(in), "")))
		if covered*100 < least*letters {
			rt.Fatalf("%q became %q: less than %d percent are covered", in, out, least)
		}
	})
}

// The plan refuses a rule that covers too little of every value that the column can hold.
func TestP8ThePlanRefusesAMaskThatCoversTooLittle(t *testing.T) {
	for _, c := range []struct {
		length int
		p      transform.Params
		fine   bool
	}{
		{4, transform.Params{"keep_first": int64(2)}, true},
		{3, transform.Params{"keep_first": int64(2)}, false},
		{3, transform.Params{"keep_first": int64(2), "least": int64(33)}, true},
		{6, transform.Params{"keep_first": int64(2), "keep_last": int64(2)}, false},
		{4, transform.Params{"keep_first": int64(1), "least": int64(100)}, false},
		{0, transform.Params{"keep_first": int64(2)}, true},
	} {
		_, err := library.Check(transformtest.Column(treatment.TextType(c.length)), transform.Use{Treatment: "mask", Params: c.p})
		var p *transform.ParamError
		if (err == nil) != c.fine || err != nil && (!errors.As(err, &p) || p.Param != "keep_first") {
			t.Errorf("%d characters, %v: %v", c.length, c.p, err)
		}
	}
}
