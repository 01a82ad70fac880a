package transform

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
)

// reveal opens a token as `masker reveal` does: with the key it names, in each of the use's domains.
func reveal(t interface{ Fatalf(string, ...any) }, k Keys, u Use, held string) (string, bool) {
	sealed, err := ParseSealed([]byte(held))
	if err != nil {
		t.Fatalf("%q: %v", held, err)
	}
	for _, domain := range ReversibleDomains(u) {
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

func TestReversibleGivesBackWhatItTook(t *testing.T) {
	k := testKeys(t)
	rapid.Check(t, func(rt *rapid.T) {
		typ := rapid.SampledFrom([]catalog.Type{tText, tCitext, tBpchar, textType(500)}).Draw(rt, "type")
		u := Use{Treatment: "reversible", Params: Params{"longest": int64(100)}}
		if typ.Name == tBpchar.Name {
			typ.MaxLen = 300
		}
		in := rapid.StringN(-1, -1, 100).Draw(rt, "in")
		tr := compile(t, typ, u)
		held := run(t, tr, in, nil)
		if want := sealedSize(typ.CaseInsensitive, len(in)); len(held) != want && !typ.Padded {
			rt.Fatalf("%q has %d characters, Check counts on %d", held, len(held), want)
		}
		want := in
		if typ.Padded {
			want = strings.TrimRight(in, " ")
			held += "   " // as PostgreSQL pads it
		}
		if got, ok := reveal(rt, k, u, held); !ok || got != want {
			rt.Fatalf("%q became %q and came back as %q (%v)", in, held, got, ok)
		}
	})
}

func TestReversibleBytesComeBack(t *testing.T) {
	u := Use{Treatment: "reversible"}
	for _, in := range []string{`\x`, `\x00`, `\x00ff10`} {
		held := run(t, compile(t, tBytes, u), in, nil)
		if got, ok := reveal(t, testKeys(t), u, held); !ok || got != in || held == in {
			t.Errorf("%s became %s and came back as %s", in, held, got)
		}
	}
	if _, _, err := compile(t, tBytes, u).Append(nil, Cell{Text: []byte("abc")}, nil); err == nil {
		t.Error("what is no bytea was sealed")
	}
}

// Rule C2: the same domain joins; another domain, environment or key neither joins nor opens.
func TestC2_ReversibleJoinsWithinItsDomainOnly(t *testing.T) {
	mine := Use{Treatment: "reversible", Domain: "person"}
	held := run(t, compile(t, tText, mine), "ada@example.com", nil)
	if again := run(t, compile(t, textType(200), Use{Treatment: "reversible", Domain: "person", Params: Params{"longest": int64(60)}}), "ada@example.com", nil); again != held {
		t.Errorf("one domain, two tokens: %s, %s", held, again)
	}
	other := Use{Treatment: "reversible", Domain: "address"}
	for name, c := range map[string]struct {
		keys Keys
		use  Use
	}{
		"domain":      {testKeys(t), other},
		"environment": {keysFor(t, 0, "laptop"), mine},
		"key":         {keysFor(t, 1, "example"), mine},
	} {
		tr, err := Compile(column(tText), c.use, c.keys)
		if err != nil {
			t.Fatal(err)
		}
		if run(t, tr, "ada@example.com", nil)[sealHead:] == held[sealHead:] {
			t.Errorf("another %s joins", name)
		}
		if value, ok := reveal(t, c.keys, c.use, held); ok {
			t.Errorf("another %s opens the token: %q", name, value)
		}
	}
}

func TestATokenThatWasTouchedDoesNotOpen(t *testing.T) {
	k, u := testKeys(t), Use{Treatment: "reversible"}
	held := run(t, compile(t, tText, u), "4111 1111 1111 1111", nil)
	for i := sealHead; i < len(held); i++ {
		for _, c := range []byte("Ab0_") {
			touched := []byte(held)
			if touched[i] == c {
				continue
			}
			touched[i] = c
			sealed, err := ParseSealed(touched)
			if err != nil {
				continue // its last character has bits to spare, and one spelling only
			}
			if _, ok := k.Sealer(ReversibleDomains(u)[0]).(*keyring.Sealer).Open(sealed.Body); ok {
				t.Fatalf("%s opens, with %c at %d", touched, c, i)
			}
		}
	}
}

func TestReversibleAsksWhetherItsTokensFit(t *testing.T) {
	for _, c := range []struct {
		typ    catalog.Type
		params Params
		param  string // at fault; "" where it fits
	}{
		{textType(0), nil, ""},
		{textType(255), nil, "longest"},
		{textType(64), Params{"longest": int64(22)}, ""},
		{textType(64), Params{"longest": int64(23)}, "longest"},
		{textType(255), Params{"longest": int64(0)}, "longest"},
		{tCitext, Params{"format": "base64url"}, "format"},
		{tText, Params{"format": "base32"}, ""},
		{tBytes, Params{"format": "base32"}, "format"},
		{tInt4, nil, "treat"},
	} {
		_, err := Check(column(c.typ), Use{Treatment: "reversible", Params: c.params})
		var p *ParamError
		if (c.param == "") != (err == nil) || err != nil && (!errors.As(err, &p) || p.Param != c.param) {
			t.Errorf("%s %v: %v, want a problem with %q", c.typ.Name, c.params, err, c.param)
		}
	}
	tr := compile(t, textType(64), Use{Treatment: "reversible", Params: Params{"longest": int64(3)}})
	if _, _, err := tr.Append(nil, Cell{Text: []byte("abcd")}, nil); err == nil || strings.Contains(err.Error(), "abcd") {
		t.Errorf("a value longer than promised: %v", err)
	}
	if traits, _ := Check(column(tCitext), Use{Treatment: "reversible"}); traits.Equality || !traits.Unique {
		t.Errorf("citext: %+v", traits)
	}
}

func TestDomainsOfNestedTreatments(t *testing.T) {
	u := Use{Treatment: "json", Paths: []Path{
		{"$.a", Use{Treatment: "reversible", Domain: "b"}},
		{"$.b", Use{Treatment: "token", Domain: "c"}},
		{"$.c", Use{Treatment: "keep", Else: &Use{Treatment: "reversible", Domain: "a"}}},
		{"$.d", Use{Treatment: "reversible", Domain: "b"}},
	}}
	if got := ReversibleDomains(u); !slices.Equal(got, []string{"reversible/a", "reversible/b"}) {
		t.Errorf("%q", got)
	}
}

func FuzzParseSealed(f *testing.F) {
	for _, s := range []string{"", "rv1.", "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno", "rv2.0c0579ec.7zsaiqdvzrhfgvxfako3kmoyiuelngti6zhhu", `\x010c0579eccf4cfca1ef4fa1a366cfc157819149cb98fc`, `\x01`, "rv9.0c0579ec.aaaa", "rv1.0c0579ec.====="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, held []byte) {
		s, err := ParseSealed(held)
		if err != nil {
			if len(held) > 12 && bytes.Contains([]byte(err.Error()), held) {
				t.Errorf("the error quotes %q", held)
			}
			return
		}
		if len(s.Body) < sealLeast || len(s.KeyID) != sealKeyID {
			t.Errorf("%q: %+v", held, s)
		}
	})
}
