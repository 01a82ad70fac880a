package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

func permuteWith(kv ...string) transform.Use {
	u := transform.Use{Treatment: "permute", Params: transform.Params{}}
	for i := 0; i < len(kv); i += 2 {
		u.Params[kv[i]] = kv[i+1]
	}
	return u
}

// Every value of a form must become a value of the same form. No two values may get the same result.
func TestPermuteIsABijectionOfEachForm(t *testing.T) {
	forms := []struct {
		use  transform.Use
		make func(i int) string
		n    int
	}{
		{permuteWith("alphabet", "digits"), func(i int) string { return fmt.Sprintf("%05d", i) }, 100_000},
		{permuteWith("alphabet", "digits"), func(i int) string { return fmt.Sprintf("%02d", i) }, 100},
		{permuteWith("separators", "-/"), func(i int) string { return fmt.Sprintf("%c-%c/%02d", 'A'+i/2600, 'a'+i/100%26, i%100) }, 67_600},
		{permuteWith("alphabet", "0123456789abcdef", "prefix", "x_"), func(i int) string { return fmt.Sprintf("x_%04x", i) }, 65_536},
		{permuteWith("alphabet", "äöü"), func(i int) string {
			r := []rune("äöü")
			return string([]rune{r[i/9], r[i/3%3], r[i%3]})
		}, 27},
	}
	for _, f := range forms {
		tr := transformtest.Compile(t, transformtest.Text, f.use)
		seen := make(map[string]bool, f.n)
		for i := range f.n {
			seen[transformtest.Run(t, tr, f.make(i), nil)] = true
		}
		for i := range f.n {
			if !seen[f.make(i)] {
				t.Fatalf("%v: nothing becomes %s", f.use.Params, f.make(i))
			}
		}
	}
}

func TestPermuteKeepsTheForm(t *testing.T) {
	formed := transformtest.Compile(t, transformtest.Text, permuteWith("separators", "- ", "prefix", "no. "))
	long := transformtest.Compile(t, transformtest.Text, permuteWith("alphabet", "alphanumeric", "separators", "-"))
	kind := func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return '0'
		case 'a' <= r && r <= 'z':
			return 'a'
		case 'A' <= r && r <= 'Z':
			return 'A'
		}
		return r
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := "no. " + rapid.StringMatching(`[A-Z]{2,4}[0-9]{2,4}[a-z]-[0-9 ]{1,4}`).Draw(rt, "in")
		other := "no. " + rapid.StringMatching(`[A-Z]{2,4}[0-9]{2,4}[a-z]-[0-9 ]{1,4}`).Draw(rt, "other")
		out := transformtest.Run(t, formed, in, nil)
		if strings.Map(kind, out) != strings.Map(kind, in) || !strings.HasPrefix(out, "no. ") {
			rt.Fatalf("%s became %s", in, out)
		}
		if (in == other) != (out == transformtest.Run(t, formed, other, nil)) {
			rt.Fatalf("%s and %s both became %s", in, other, out)
		}
		in = rapid.StringMatching(`[0-9A-Za-z-]{8,60}[0-9]`).Draw(rt, "long")
		out = transformtest.Run(t, long, in, nil)
		for i := range in {
			if len(out) != len(in) || (in[i] == '-') != (out[i] == '-') {
				rt.Fatalf("%s became %s", in, out)
			}
		}
	})
}

// An empty text tells nothing, so permute does not change it, even if the rule has a prefix. A text of blanks in a
// column of type char(n) counts as empty.
func TestPermuteKeepsAnEmptyText(t *testing.T) {
	for _, use := range []transform.Use{permuteWith(), permuteWith("alphabet", "digits"), permuteWith("prefix", "cus_")} {
		for in, typ := range map[string]catalog.Type{"": transformtest.Text, "     ": {Name: "character(5)", Family: catalog.Text, MaxLen: 5, Padded: true}} {
			out, null, err := transformtest.Compile(t, typ, use).Append([]byte("<"), transform.Cell{Text: []byte(in)}, nil)
			if string(out) != "<" || null || err != nil {
				t.Errorf("%v of %q: %q, %t, %v", use.Params, in, out, null, err)
			}
		}
	}
}

func TestPermuteStopsAtOtherCharacters(t *testing.T) {
	cases := []struct {
		use  transform.Use
		in   string
		code string
	}{
		{permuteWith("separators", "-"), "---", "nothing-to-permute"},
		{permuteWith("alphabet", "digits", "prefix", "a"), "a", "nothing-to-permute"},
		{permuteWith(), "AB-12", "outside-alphabet"},
		{permuteWith(), "Jörg", "outside-alphabet"},
		{permuteWith("separators", "\ufffd"), "a\xff", "outside-alphabet"},
		{permuteWith("alphabet", "digits"), "12a", "outside-alphabet"},
		{permuteWith("prefix", "cus_"), "CUS_12", "outside-alphabet"},
		{permuteWith(), "12345678901234567890", "too-long"},
	}
	for _, c := range cases {
		out, _, err := transformtest.Compile(t, transformtest.Text, c.use).Append([]byte("<"), transform.Cell{Text: []byte(c.in)}, nil)
		var e *transform.Error
		if !errors.As(err, &e) || e.Code != c.code || string(out) != "<" {
			t.Errorf("%q: %q, %v; want %s", c.in, out, err, c.code)
		}
	}
}

func TestPermuteIsCheckedAtPlanTime(t *testing.T) {
	cases := []struct {
		col   catalog.Type
		use   transform.Use
		param string
	}{
		{transformtest.Text, permuteWith("alphabet", "x"), "alphabet"},
		{transformtest.Text, permuteWith("alphabet", "aab"), "alphabet"},
		{transformtest.Text, permuteWith("alphabet", "a\x00"), "alphabet"},
		{transformtest.Citext, permuteWith("alphabet", "letters"), "alphabet"},
		{transformtest.Citext, permuteWith("alphabet", "äö"), "alphabet"},
		{transformtest.Bpchar, permuteWith("alphabet", "a "), "alphabet"},
		{transformtest.Text, permuteWith("separators", "-1"), "separators"},
		{treatment.TextType(3), permuteWith("prefix", "abc"), "prefix"},
		{transformtest.Text, transform.Use{Treatment: "permute", Params: transform.Params{"range": []any{int64(1), int64(2)}}}, "range"},
		{transformtest.Int4, transform.Use{Treatment: "permute"}, "range"},
		{transformtest.UUID, permuteWith("alphabet", "digits"), "alphabet"},
		{transformtest.Text, transform.Use{Treatment: "permute", Subject: "id", SubjectType: &transformtest.Int4}, "subject"},
		{transformtest.Text, transform.Use{Treatment: "national_id", Params: transform.Params{"country": "XX"}}, "country"},
		{transformtest.Text, transform.Use{Treatment: "national_id"}, "country"},
		{transformtest.Text, transform.Use{Treatment: "pan", Params: transform.Params{"keep_last": int64(6)}}, "keep_last"},
		{transformtest.Text, transform.Use{Treatment: "iban", Subject: "id", SubjectType: &transformtest.Int4}, "subject"},
	}
	for _, c := range cases {
		_, err := library.Check(transformtest.Column(c.col), c.use)
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s %v on %s: %v; want %s", c.use.Treatment, c.use.Params, c.col.Name, err, c.param)
		}
	}
}

// In citext, values that differ only in case are equal, so their results must be equal.
func TestPermuteIgnoresCaseInCitext(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Citext, permuteWith())
	if a, b := transformtest.Run(t, tr, "abC12", nil), transformtest.Run(t, tr, "ABc12", nil); !strings.EqualFold(a, b) {
		t.Errorf("%s and %s", a, b)
	}
}

func TestPermutedUUIDsKeepVersionAndVariant(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.UUID, transform.Use{Treatment: "permute"})
	seen := map[string]string{}
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(rt, "in")
		out := transformtest.Run(t, tr, in, nil)
		variant := func(s string) int { return strings.IndexByte("0123456789abcdef", s[19]) >> 2 }
		if len(out) != 36 || out[14] != in[14] || variant(out) != variant(in) || out == in {
			rt.Fatalf("%s became %s", in, out)
		}
		if before, ok := seen[out]; ok && before != in {
			rt.Fatalf("%s and %s became %s", before, in, out)
		}
		seen[out] = in
	})
	for _, in := range []string{"", "7d444840-9dc0-11d1-b245-5ffdce74fad", "7d444840-9dc0-11d1-b245-5ffdce74fad2a", "xd444840-9dc0-11d1-b245-5ffdce74fad2"} {
		if _, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}

func FuzzPermute(f *testing.F) {
	for _, in := range transformtest.Adversaries(catalog.Text) {
		f.Add(in, "digits", "-")
		f.Add(in, "abcé", " ")
		f.Add(in, "format", "-_.")
	}
	f.Fuzz(func(t *testing.T, in, alphabet, separators string) {
		u := permuteWith("alphabet", alphabet, "separators", separators)
		if _, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil || len(alphabet) > 40 {
			return
		}
		tr := transformtest.Compile(t, transformtest.Text, u)
		out, _, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, nil)
		if err == nil && len([]rune(string(out))) != len([]rune(in)) {
			t.Fatalf("%q became %q", in, out)
		}
		if err != nil && len(out) > 0 {
			t.Fatalf("%q: %q with an error", in, out)
		}
	})
}
