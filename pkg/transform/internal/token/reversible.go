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

// A reversible token has the form rv1.0c0579ec.BODY. The number after rv is the version, which decides the encoding of
// the body. The 8 hex digits name the key. A token of bytes consists of \x01, the 4 bytes of the key's name, and the
// body.
const (
	reversible64    = "rv1."
	reversible32    = "rv2." // for columns that ignore case
	reversibleHead  = len(reversible64) + reversibleKeyID + 1
	reversibleKeyID = 8
	sealOverhead    = 16
)

func base32Body() *encoding32.Encoding {
	return encoding32.NewEncoding(draw.Base32).WithPadding(encoding32.NoPadding)
}

// base64Body is strict, so that each token has only one spelling.
func base64Body() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// Reversible returns the treatment reversible.
func Reversible() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "reversible",
			Summary: "encrypts a value; `masker reveal` decrypts it for a person who has the key and the permission",
			Doc: "The encryption is deterministic and authenticated (AES-SIV, RFC 5297). Its key depends on the domain and the target environment. " +
				"Equal values get equal tokens, and different values get different tokens. Columns of one domain can be joined.\n\n" +
				"- A text becomes `rv1.`, the first 8 digits of the key's fingerprint, a dot, and base64url. In a column that ignores case, " +
				"it becomes `rv2.`, the same digits, a dot, and base32.\n" +
				"- Bytes become bytes.\n\n" +
				"A token is longer than its value. A column with a length limit therefore needs `longest`, the length of the longest value in bytes. A longer value stops the refresh. " +
				"In a column that ignores case (citext), values that differ only in case get different tokens. Do not use the treatment for key columns of such a type.\n\n" +
				"The treatment needs a permanent key. Configure one under `keys`. A person with the key can read all values. Prefer `token`, " +
				"unless somebody must be able to identify the person again. A token shows the length of its value, and equal values are visible as equal tokens.",
			Params: []transform.Param{
				{Name: "longest", Type: "integer", Tells: transform.Neither, Doc: "length of the longest value in bytes (UTF-8); required if the column has a length limit"},
				{Name: "format", Type: "auto|base64url|base32", Tells: transform.Neither, Default: "auto", Doc: "for texts: sets the form if only some columns of a domain ignore case"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Bytes},
			Discloses: transform.Pseudonymised,
			Learns:    pseudonym + "They see the length of every value. A person with the key reads all values.",
			Preserves: []string{transform.Uniqueness, transform.Equality},
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "reversible"}, In: "AC-1007", Out: "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno"},
				{Type: treatment.TextType(64), Use: transform.Use{Treatment: "reversible", Params: transform.Params{"longest": int64(20)}}, In: "AC-1007", Out: "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno", Note: "the same token, because the domain is the same"},
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
		return treatment.ScalarPlan{}, &transform.ParamError{Param: "subject", Text: "reversible depends on the value and cannot use the row's subject"}
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
		a.Fail("format", "base64url distinguishes upper and lower case, but the column ignores case; use base32")
	}
	p.Traits.Shape = format
	p.Traits.Equality = !c.Type.CaseInsensitive
	s := sealedText{longest: longest, padded: c.Type.Padded, folded: format == "base32", encode: base64Body().AppendEncode}
	if s.folded {
		s.encode = base32Body().AppendEncode
	}
	if room := c.Type.MaxLen; room > 0 {
		if longest == 0 {
			a.Fail("longest", "the column holds only %d characters; state `longest`, the length of the longest value in bytes, or widen the column", room)
		} else if need := s.size(longest); need > room {
			a.Fail("longest", "values of %d bytes become tokens of %d characters, but the column holds %d; widen the column, or use token", longest, need, room)
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
	longest int  // largest length of a value in bytes; 0 for no limit
	padded  bool // trailing blanks are not part of the value
	folded  bool // the column ignores case
	encode  func(dst, sealed []byte) []byte
}

// size returns the length in characters of the token of a value of n bytes.
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

// bytesVersion is the first byte of a token of bytes.
const bytesVersion = `\x01`

// sealedBytes encrypts bytea values, which PostgreSQL prints as \x and hex digits.
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

// Domains lists the domains of a use's reversible treatments. It includes the domains of the use's Paths and Else. The
// Sealer that package keyring returns for such a domain opens the tokens.
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
	return &transform.Error{Code: "too-long", Text: "the value is longer than the rule's longest; raise longest if the column has room for the token"}
}

func errNotBytes() error {
	return &transform.Error{Code: "not-bytes", Text: "the value is not bytes in hex form"}
}

// ParseSealed reads a token as the target holds it. Its error never holds the token.
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
	return &transform.Error{Code: "not-a-token", Text: fmt.Sprintf("this is not a token of reversible: a token begins with %s or %s, or with %s as bytes", reversible64, reversible32, bytesVersion)}
}
