package token_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/token"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// reveal opens a token as `masker reveal` does. It tries the key that the token names, in each domain of the use.
func reveal(t interface{ Fatalf(string, ...any) }, k transform.Keys, u transform.Use, held string) (string, bool) {
	sealed, err := library.ParseSealed([]byte(held))
	if err != nil {
		t.Fatalf("%q: %v", held, err)
	}
	for _, domain := range library.ReversibleDomains(u) {
		s := k.Sealer(domain)
		if s.KeyID() != sealed.KeyID {
			return "", false
		}
		if value, ok := s.(*keyring.Sealer).Open(sealed.Body); ok {
			if sealed.Bytes {
				return `\x` + hex.EncodeToString(value), true
			}
			return string(value), true
		}
	}
	return "", false
}

func TestReversibleTextsCanBeOpened(t *testing.T) {
	k := transformtest.Keys(t)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]catalog.Type{transformtest.Text, transformtest.Citext, transformtest.Bpchar, treatment.TextType(500)}).Draw(rt, "type")
		u := transform.Use{Treatment: "reversible", Params: transform.Params{"longest": int64(100)}}
		if typ.Name == transformtest.Bpchar.Name {
			typ.MaxLen = 300
		}
		in := rapid.StringN(-1, -1, 100).Draw(rt, "in")
		tr := transformtest.Compile(t, typ, u)
		held := transformtest.Run(t, tr, in, nil)
		if want := token.SealedSize(typ.CaseInsensitive, len(in)); len(held) != want && !typ.Padded {
			rt.Fatalf("%q has %d characters, Check counts on %d", held, len(held), want)
		}
		want := in
		if typ.Padded {
			want = strings.TrimRight(in, " ")
			held += "   " // PostgreSQL pads the token with blanks
		}
		if got, ok := reveal(rt, k, u, held); !ok || got != want {
			rt.Fatalf("%q became %q and came back as %q (%v)", in, held, got, ok)
		}
	})
}

func TestReversibleBytesCanBeOpened(t *testing.T) {
	u := transform.Use{Treatment: "reversible"}
	for _, in := range []string{`\x`, `\x00`, `\x00ff10`} {
		held := transformtest.Run(t, transformtest.Compile(t, transformtest.Bytes, u), in, nil)
		if got, ok := reveal(t, transformtest.Keys(t), u, held); !ok || got != in || held == in {
			t.Errorf("%s became %s and came back as %s", in, held, got)
		}
	}
	if _, _, err := transformtest.Compile(t, transformtest.Bytes, u).Append(nil, transform.Cell{Text: []byte("abc")}, nil); err == nil {
		t.Error("a text that is not bytea was sealed")
	}
}

// Columns of one domain must get equal tokens for equal values. With another domain, environment or key, tokens must
// differ and must not open.
func TestC2_ReversibleJoinsWithinItsDomainOnly(t *testing.T) {
	mine := transform.Use{Treatment: "reversible", Domain: "person"}
	held := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, mine), "ada@example.com", nil)
	if again := transformtest.Run(t, transformtest.Compile(t, treatment.TextType(200), transform.Use{Treatment: "reversible", Domain: "person", Params: transform.Params{"longest": int64(60)}}), "ada@example.com", nil); again != held {
		t.Errorf("one domain, two tokens: %s, %s", held, again)
	}
	other := transform.Use{Treatment: "reversible", Domain: "address"}
	for name, c := range map[string]struct {
		keys transform.Keys
		use  transform.Use
	}{
		"domain":      {transformtest.Keys(t), other},
		"environment": {transformtest.KeysFor(t, 0, "laptop"), mine},
		"key":         {transformtest.KeysFor(t, 1, "example"), mine},
	} {
		tr, err := library.Compile(transformtest.Column(transformtest.Text), c.use, c.keys)
		if err != nil {
			t.Fatal(err)
		}
		if transformtest.Run(t, tr, "ada@example.com", nil)[token.SealHead:] == held[token.SealHead:] {
			t.Errorf("another %s joins", name)
		}
		if value, ok := reveal(t, c.keys, c.use, held); ok {
			t.Errorf("another %s opens the token: %q", name, value)
		}
	}
}

func TestChangedTokenDoesNotOpen(t *testing.T) {
	k, u := transformtest.Keys(t), transform.Use{Treatment: "reversible"}
	held := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "4111 1111 1111 1111", nil)
	for i := token.SealHead; i < len(held); i++ {
		for _, c := range []byte("Ab0_") {
			touched := []byte(held)
			if touched[i] == c {
				continue
			}
			touched[i] = c
			sealed, err := library.ParseSealed(touched)
			if err != nil {
				continue // the last character has unused bits, and only one spelling of it is valid
			}
			if _, ok := k.Sealer(library.ReversibleDomains(u)[0]).(*keyring.Sealer).Open(sealed.Body); ok {
				t.Fatalf("%s opens, with %c at %d", touched, c, i)
			}
		}
	}
}

func TestReversibleNeedsRoomForItsTokens(t *testing.T) {
	for _, c := range []struct {
		typ    catalog.Type
		params transform.Params
		param  string // parameter named in the error; "" if the tokens fit
	}{
		{treatment.TextType(0), nil, ""},
		{treatment.TextType(255), nil, "longest"},
		{treatment.TextType(64), transform.Params{"longest": int64(22)}, ""},
		{treatment.TextType(64), transform.Params{"longest": int64(23)}, "longest"},
		{treatment.TextType(255), transform.Params{"longest": int64(0)}, "longest"},
		{transformtest.Citext, transform.Params{"format": "base64url"}, "format"},
		{transformtest.Text, transform.Params{"format": "base32"}, ""},
		{transformtest.Bytes, transform.Params{"format": "base32"}, "format"},
		{transformtest.Int4, nil, "treat"},
	} {
		_, err := library.Check(transformtest.Column(c.typ), transform.Use{Treatment: "reversible", Params: c.params})
		var p *transform.ParamError
		if (c.param == "") != (err == nil) || err != nil && (!errors.As(err, &p) || p.Param != c.param) {
			t.Errorf("%s %v: %v, want a problem with %q", c.typ.Name, c.params, err, c.param)
		}
		if c.param == "longest" && c.params == nil && !strings.Contains(p.Text, "state `longest`") { // messages name a parameter only if the rule states it
			t.Errorf("%s: the text does not name the parameter: %s", c.typ.Name, p.Text)
		}
	}
	tr := transformtest.Compile(t, treatment.TextType(64), transform.Use{Treatment: "reversible", Params: transform.Params{"longest": int64(3)}})
	if _, _, err := tr.Append(nil, transform.Cell{Text: []byte("abcd")}, nil); err == nil || strings.Contains(err.Error(), "abcd") {
		t.Errorf("a value longer than promised: %v", err)
	}
	if traits, _ := library.Check(transformtest.Column(transformtest.Citext), transform.Use{Treatment: "reversible"}); traits.Equality || !traits.Unique {
		t.Errorf("citext: %+v", traits)
	}
}

func TestDomainsOfNestedTreatments(t *testing.T) {
	u := transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.a", Use: transform.Use{Treatment: "reversible", Domain: "b"}},
		{Path: "$.b", Use: transform.Use{Treatment: "token", Domain: "c"}},
		{Path: "$.c", Use: transform.Use{Treatment: "keep", Else: &transform.Use{Treatment: "reversible", Domain: "a"}}},
		{Path: "$.d", Use: transform.Use{Treatment: "reversible", Domain: "b"}},
	}}
	if got := library.ReversibleDomains(u); !slices.Equal(got, []string{"reversible/a", "reversible/b"}) {
		t.Errorf("%q", got)
	}
}

func FuzzParseSealed(f *testing.F) {
	for _, s := range []string{"", "rv1.", "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno", "rv2.0c0579ec.7zsaiqdvzrhfgvxfako3kmoyiuelngti6zhhu", `\x010c0579eccf4cfca1ef4fa1a366cfc157819149cb98fc`, `\x01`, "rv9.0c0579ec.aaaa", "rv1.0c0579ec.====="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, held []byte) {
		s, err := library.ParseSealed(held)
		if err != nil {
			if len(held) > 12 && bytes.Contains([]byte(err.Error()), held) {
				t.Errorf("the error quotes %q", held)
			}
			return
		}
		if len(s.Body) < token.SealLeast || len(s.KeyID) != token.SealKeyID {
			t.Errorf("%q: %+v", held, s)
		}
	})
}
