package library_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// A CHECK constraint or max_length can limit the length of a text. A treatment then obeys the limit, stops the
// refresh, or is refused.
func TestTextsHaveTheLengthThatTheColumnAllows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := rapid.SampledFrom(texts()).Draw(rt, "treatment")
		in := rapid.OneOf(rapid.StringMatching(`[a-zé日0-9@. ]{0,20}`), rapid.SampledFrom(transformtest.Adversaries(catalog.Text))).Draw(rt, "in")
		least := rapid.IntRange(0, 12).Draw(rt, "least")
		most := rapid.IntRange(max(least, 1), 40).Draw(rt, "most")
		typ, u := c.typ, c.use
		if typ.MinLen = least; rapid.Bool().Draw(rt, "octets") {
			typ.MaxBytes = most
		}
		if typ.MaxLen = most; typ.MaxBytes == 0 && rapid.Bool().Draw(rt, "param") {
			typ.MaxLen = 0
			u.Params = transform.Params{"max_length": int64(most)}
			for k, v := range c.use.Params {
				u.Params[k] = v
			}
		}
		tr, err := library.Compile(transformtest.Column(typ), u, transformtest.Keys(t))
		if err != nil {
			return
		}
		out, null, err := tr.Append([]byte("<"), transform.Cell{Text: []byte(in)}, transformtest.Row("1"))
		if err != nil || null {
			return
		}
		got := string(out[1:])
		n := utf8.RuneCountInString(got)
		fits := n >= least && (typ.MaxBytes == 0 || len(got) <= typ.MaxBytes)
		if long := utf8.RuneCountInString(in) > most && typ.MaxLen > 0; !long { // otherwise the column does not hold the value
			fits = fits && n <= most
		}
		if !fits || utf8.ValidString(in) && !utf8.ValidString(got) {
			rt.Fatalf("%s: %q became %q of %d characters and %d bytes, not %d to %d", u.Treatment, in, got, n, len(got), least, most)
		}
	})
}

// texts returns every treatment of texts that takes max_length, on the type text.
func texts() []conformer {
	var all []conformer
	for _, c := range conformers() {
		if spec, _ := library.Lookup(c.use.Treatment); c.typ.Name == "text" && !spec.Anything && !spec.Alone {
			all = append(all, c)
		}
	}
	return all
}

func TestLengthsAreChecked(t *testing.T) {
	between := treatment.TextType(8)
	between.MinLen, between.MaxBytes = 3, 8
	for _, c := range []misuse{
		{"long constant", transformtest.Column(between), transform.Use{Treatment: "constant", Params: params("value", "too long a text")}, "value: ", "has 15 characters, the column holds 8"},
		{"short constant", transformtest.Column(between), transform.Use{Treatment: "constant", Params: params("value", "ab")}, "value: ", "demands 3"},
		{"wide constant", transformtest.Column(between), transform.Use{Treatment: "constant", Params: params("value", "ééééé")}, "value: ", "has 10 bytes"},
		{"no room", transformtest.Column(between), transform.Use{Treatment: "fake.email"}, "treat: ", "the column holds 8"},
		{"shorter than allowed", transformtest.Column(between), transform.Use{Treatment: "mask", Params: params("max_length", int64(2))}, "max_length: ", "less than the 3"},
		{"not for numbers", transformtest.Column(transformtest.Int4), transform.Use{Treatment: "token", Params: params("range", []any{int64(1), int64(9)}, "max_length", int64(2))}, "max_length: ", "means nothing"},
		{"token cut", transformtest.Column(transformtest.Text), transform.Use{Treatment: "token", Params: params("max_length", int64(21))}, "treat: ", "token needs 22 characters"},
	} {
		if _, err := library.Check(c.col, c.use); err == nil || !strings.HasPrefix(err.Error(), c.param) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	long := treatment.TextType(0)
	long.MinLen = 12
	removable := transformtest.Enum
	removable.Labels = []string{"sad", "redacted"}
	for _, c := range []struct {
		typ      catalog.Type
		use      transform.Use
		in, want string
	}{
		{between, transform.Use{Treatment: "redact"}, "abc", "********"},
		{long, transform.Use{Treatment: "redact"}, "abc", "[redacted]**"},
		{removable, transform.Use{Treatment: "redact"}, "sad", "redacted"},
		{transformtest.ArrayOf(removable), transform.Use{Treatment: "redact"}, "{sad,NULL}", "{redacted,NULL}"},
		{long, transform.Use{Treatment: "truncate", Params: params("length", int64(2))}, "abc", "aaaaaaaaaaaa"},
		{long, transform.Use{Treatment: "truncate", Params: params("length", int64(2))}, "", "xxxxxxxxxxxx"},
		{transformtest.Text, transform.Use{Treatment: "fake.sentence", Params: params("max_length", int64(16))}, "x", "Iure corporis."},
		{transformtest.Text, transform.Use{Treatment: "expr", Params: params("value", `"four" + "teen"`, "max_length", int64(5))}, "x", "fourt"},
		{long, transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.a", Use: transform.Use{Treatment: "mask"}}}}, `{"a":"xyz 12"}`, `{"a":"******"}`},
		{transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "mask", Params: params("max_length", int64(2))}, "{abc,d}", "{**,*}"},
	} {
		if got := transformtest.Run(t, transformtest.Compile(t, c.typ, c.use), c.in, nil); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.use.Treatment, c.in, got, c.want)
		}
	}
}
