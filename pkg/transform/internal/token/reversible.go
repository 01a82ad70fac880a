package token

import (
	"bytes"
	encoding32 "encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// What a reversible token looks like: rv1.0c0579ec.BODY. The number is the version and says how the
// body is written; the 8 hex digits name the key. Bytes carry the same as \x01, 4 bytes, body.
const (
	reversible64    = "rv1."
	reversible32    = "rv2." // for columns that do not tell upper from lower case
	reversibleHead  = len(reversible64) + reversibleKeyID + 1
	reversibleKeyID = 8
	sealOverhead    = 16
)

func base32Body() *encoding32.Encoding {
	return encoding32.NewEncoding(draw.Base32).WithPadding(encoding32.NoPadding)
}

// base64Body is strict, so that one token has one spelling.
func base64Body() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// Reversible is the treatment reversible.
func Reversible() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "reversible",
			Summary: "encrypts a value so that `masker reveal` can give it back to who holds the key and is allowed to",
			Doc: "Deterministic, authenticated encryption (AES-SIV, RFC 5297) under a key of the domain and target environment. " +
				"Equal values get equal tokens, different ones different tokens, and columns of one domain join. Texts become " +
				`"rv1.", the first 8 digits of the key's fingerprint, a dot, and base64url; in columns that do not tell upper from lower ` +
				`case "rv2." and base32. Bytes become bytes. Results are longer than values, so a column with a length limit wants ` +
				"longest: the longest value there is, in bytes; a longer one stops the refresh. Where upper and lower case are equal " +
				"(citext), the value is kept to the letter, so values that differ by case alone get different tokens: not for keys there. " +
				"It needs a key that stays: configure one under keys. Whoever has the key can read everything, so prefer token " +
				"unless somebody must get back to the person. A token shows the length of its value, and equal values are seen to be equal.",
			Params: []transform.Param{
				{Name: "longest", Type: "integer", Doc: "bytes of the longest value there is (UTF-8); required where the column's length is limited"},
				{Name: "format", Type: "auto|base64url|base32", Default: "auto", Doc: "of texts: fixes the form where columns of one domain differ in whether they tell case"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Bytes},
			Discloses: transform.Pseudonymised,
			Preserves: []string{transform.Uniqueness, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "reversible"}, In: "AC-1007", Out: "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno"},
				{Type: treatment.TextType(64), Use: transform.Use{Treatment: "reversible", Params: transform.Params{"longest": int64(20)}}, In: "AC-1007", Out: "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno", Note: "the same token: one domain"},
				{
					Type: catalog.Type{Name: "citext", Base: "citext", Family: catalog.Text, CaseInsensitive: true},
					Use:  transform.Use{Treatment: "reversible"}, In: "AC-1007", Out: "rv2.0c0579ec.7zsaiqdvzrhfgvxfako3kmoyiuelngti6zhhu",
				},
				{Type: catalog.Type{Name: "bytea", Base: "bytea", Family: catalog.Bytes}, Use: transform.Use{Treatment: "reversible"}, In: `\x00ff`, Out: `\x010c0579eccf4cfca1ef4fa1a366cfc157819149cb98fc`},
			},
		},
		Scalar: planReversible,
	}
}

func planReversible(c transform.Column, u transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	if u.Subject != "" {
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: "reversible follows the value, not the row's subject"}
	}
	longest := 0
	if a.Given("longest") {
		longest = int(a.Integer("longest", 1, 1<<30))
	}
	p := treatment.ScalarPlan{Traits: transform.Traits{Unique: true, Equality: true, Space: tokenSpace, Discloses: transform.Pseudonymised}}
	if c.Type.Family == catalog.Bytes {
		a.Unused("format", c)
		p.Build = func(k transform.Keys) treatment.Scalar { return &sealedBytes{sealer: sealer(k, u), longest: longest} }
		return p, nil
	}
	format := a.Word("format", "auto", "base64url", "base32")
	switch {
	case format == "auto" && c.Type.CaseInsensitive:
		format = "base32"
	case format == "auto":
		format = "base64url"
	case format == "base64url" && c.Type.CaseInsensitive:
		a.Fail("format", "base64url tells upper from lower case, the column does not; use base32")
	}
	p.Traits.Shape = format
	p.Traits.Equality = !c.Type.CaseInsensitive
	s := sealedText{longest: longest, padded: c.Type.Padded, folded: format == "base32", encode: base64Body().AppendEncode}
	if s.folded {
		s.encode = base32Body().AppendEncode
	}
	if room := c.Type.MaxLen; room > 0 {
		if longest == 0 {
			a.Fail("longest", "is needed where the column holds %d characters: the longest value there is, in bytes; or widen the column", room)
		} else if need := s.size(longest); need > room {
			a.Fail("longest", "values of %d bytes become tokens of %d characters, the column holds %d; widen it, or use token", longest, need, room)
		}
	}
	p.Build = func(k transform.Keys) treatment.Scalar {
		made := s
		made.sealer = sealer(k, u)
		return &made
	}
	return p, nil
}

func sealer(k transform.Keys, u transform.Use) transform.Sealer {
	return k.Sealer(treatment.Domain(u, "reversible"))
}

// sealedText encrypts texts.
type sealedText struct {
	sealer  transform.Sealer
	longest int  // bytes; 0: any
	padded  bool // trailing blanks are not part of the value
	folded  bool // the column does not tell case
	encode  func(dst, sealed []byte) []byte
}

// size is the length of the token of a value of n bytes, in characters.
func (s *sealedText) size(n int) int {
	if s.folded {
		return reversibleHead + base32Body().EncodedLen(n+sealOverhead)
	}
	return reversibleHead + base64Body().EncodedLen(n+sealOverhead)
}

func (s *sealedText) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if s.padded {
		in = canon.TrimBlanks(in)
	}
	if s.longest > 0 && len(in) > s.longest {
		return dst, errLongest()
	}
	version := reversible64
	if s.folded {
		version = reversible32
	}
	dst = append(append(append(dst, version...), s.sealer.KeyID()...), '.')
	return s.encode(dst, s.sealer.Seal(in)), nil
}

// bytesVersion begins the token of bytes.
const bytesVersion = `\x01`

// sealedBytes encrypts bytea, which PostgreSQL prints as \x and hex digits.
type sealedBytes struct {
	sealer  transform.Sealer
	longest int
	raw     []byte
}

func (s *sealedBytes) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	digits, ok := bytes.CutPrefix(in, []byte(`\x`))
	if !ok {
		return dst, errNotBytes()
	}
	var err error
	if s.raw, err = hex.AppendDecode(s.raw[:0], digits); err != nil {
		return dst, errNotBytes()
	}
	if s.longest > 0 && len(s.raw) > s.longest {
		return dst, errLongest()
	}
	dst = append(append(dst, bytesVersion...), s.sealer.KeyID()...)
	return hex.AppendEncode(dst, s.sealer.Seal(s.raw)), nil
}

// Domains lists the domains that a use's reversible treatments seal in, those of its paths
// and alternatives included: what to ask Keys.Sealer for to open their tokens.
func Domains(u transform.Use) []string {
	var domains []string
	if u.Treatment == "reversible" {
		domains = append(domains, treatment.Domain(u, "reversible"))
	}
	for _, p := range u.Paths {
		domains = append(domains, Domains(p.Use)...)
	}
	if u.Else != nil {
		domains = append(domains, Domains(*u.Else)...)
	}
	slices.Sort(domains)
	return slices.Compact(domains)
}

func errLongest() error {
	return &transform.Error{Code: "too-long", Text: "the value is longer than the rule's longest; raise it if the column has room for the token"}
}

func errNotBytes() error {
	return &transform.Error{Code: "not-bytes", Text: "the value does not read as bytes in hex form"}
}

// ParseSealed reads a token as the target holds it. Its error never quotes the token.
func ParseSealed(token []byte) (transform.Sealed, error) {
	token = canon.TrimBlanks(token)
	if digits, ok := bytes.CutPrefix(token, []byte(`\x`)); ok {
		raw, err := hex.AppendDecode(nil, digits)
		if head := 1 + reversibleKeyID/2; err == nil && len(raw) >= head+sealOverhead && raw[0] == 1 {
			return transform.Sealed{KeyID: hex.EncodeToString(raw[1:head]), Body: raw[head:], Bytes: true}, nil
		}
		return transform.Sealed{}, errNoToken()
	}
	if len(token) < reversibleHead || token[reversibleHead-1] != '.' {
		return transform.Sealed{}, errNoToken()
	}
	s := transform.Sealed{KeyID: string(token[len(reversible64) : reversibleHead-1])}
	var err error
	switch body := token[reversibleHead:]; string(token[:len(reversible64)]) {
	case reversible64:
		s.Body, err = base64Body().AppendDecode(nil, body)
	case reversible32:
		s.Body, err = base32Body().AppendDecode(nil, bytes.ToLower(body))
	default:
		return transform.Sealed{}, errNoToken()
	}
	if err != nil || len(s.Body) < sealOverhead {
		return transform.Sealed{}, errNoToken()
	}
	return s, nil
}

func errNoToken() error {
	return &transform.Error{Code: "not-a-token", Text: fmt.Sprintf("this is not a token of reversible, which begins with %s or %s, or as bytes with %s", reversible64, reversible32, bytesVersion)}
}
