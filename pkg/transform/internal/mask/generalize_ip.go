package mask

import (
	"bytes"
	"net/netip"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// IP returns the treatment generalize.ip.
func IP() *treatment.Definition {
	inet := catalog.Type{Name: "inet", Base: "inet", Family: catalog.Inet}
	cidr := catalog.Type{Name: "cidr", Base: "cidr", Family: catalog.Inet}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "generalize.ip",
			Summary: "keeps the network of an IP address and zeroes the host",
			Doc: "The first `v4` bits of an IPv4 address stay. The first `v6` bits of an IPv6 address stay. An IPv4-mapped address counts as an IPv6 address. " +
				"A netmask stays. If the netmask covers more than the bits that stay, it is shortened to these bits. A cidr result always has a netmask.\n\n" +
				"A text that is not an address stops the refresh, or becomes `[redacted]` with `otherwise: redact`. An address whose host part is already zero stays unchanged. " +
				"The disclosure label is `unchanged` if more than 24 bits of IPv4 or 48 bits of IPv6 stay. It is also `unchanged` for cidr columns, because a network may have no host part. A network operator can still identify the customer behind many of the /24 and /48 networks.",
			Params: []transform.Param{
				{Name: "v4", Type: "integer", Tells: transform.Larger, Default: int64(24), Doc: "number of bits of an IPv4 address that stay, 0 to 31"},
				{Name: "v6", Type: "integer", Tells: transform.Larger, Default: int64(48), Doc: "number of bits of an IPv6 address that stay, 0 to 127"},
				otherwiseParam("a text that is not an address"),
			},
			Families:  []catalog.Family{catalog.Inet, catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They find this person's row among the rows of the same network. For every other person, they read the network.",
			Preserves: []string{transform.Equality},
			Examples: []transform.Example{
				{Type: inet, Use: transform.Use{Treatment: "generalize.ip"}, In: "192.0.2.147", Out: "192.0.2.0"},
				{Type: inet, Use: transform.Use{Treatment: "generalize.ip", Params: transform.Params{"v6": int64(32)}}, In: "2001:db8:85a3::7334/64", Out: "2001:db8::/32"},
				{Type: cidr, Use: transform.Use{Treatment: "generalize.ip", Params: transform.Params{"v4": int64(16)}}, In: "192.0.2.128/25", Out: "192.0.0.0/16"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.ip"}, In: "198.51.100.23", Out: "198.51.100.0"},
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "generalize.ip", Params: transform.Params{"otherwise": "redact"}}, In: "unknown", Out: literal.Redacted},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			n := network{v4: int(a.Integer("v4", 0, 31)), v6: int(a.Integer("v6", 0, 127)), cidr: c.Type.Base == "cidr", padded: c.Type.Padded}
			n.otherwise = readOtherwise(c, a)
			t := transform.Traits{Equality: true, Space: 1000, Discloses: treatment.GeneralisedIf(!n.cidr && n.v4 <= lineV4 && n.v6 <= lineV6)}
			return treatment.ScalarPlan{Traits: t, Build: func(transform.Keys) treatment.Scalar { return &n }}, nil
		},
	}
}

// lineV4 and lineV6 are the lengths of the longest prefixes that several customers of a provider share. A longer prefix
// may identify one connection.
const (
	lineV4 = 24
	lineV6 = 48
)

type network struct {
	v4, v6    int // number of bits that stay
	cidr      bool
	padded    bool
	otherwise otherwise
}

func (n *network) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	if n.padded {
		in = canon.TrimBlanks(in)
	}
	text, mask, masked := bytes.Cut(in, []byte("/"))
	addr, ok := parseAddr(text)
	bits := addr.BitLen()
	if ok && masked {
		v, rest, fine := decimal.Digits(mask, 1, 3)
		ok = fine && len(rest) == 0 && v <= int64(bits)
		bits = int(v)
	}
	if !ok {
		return n.otherwise.append(dst, in, errNotAddress)
	}
	kept := n.v6
	if addr.Is4() {
		kept = n.v4
	}
	bits = min(bits, kept)
	prefix, _ := addr.Prefix(bits) // bits is never more than the address has
	dst = prefix.Addr().AppendTo(dst)
	if masked || n.cidr {
		dst = decimal.AppendInt(append(dst, '/'), int64(bits))
	}
	return dst, nil
}

func errNotAddress() error {
	return &transform.Error{Code: "not-an-address", Text: "the value is not an IP address; use otherwise: redact, or another treatment"}
}

// parseAddr reads an address without a zone. It replaces netip.ParseAddr, which needs a string and therefore an
// allocation.
func parseAddr(b []byte) (netip.Addr, bool) {
	if bytes.IndexByte(b, ':') < 0 {
		quad, ok := parseQuad(b)
		return netip.AddrFrom4(quad), ok
	}
	var addr [16]byte
	at, gap := 0, -1
	if bytes.HasPrefix(b, []byte("::")) {
		gap, b = 0, b[2:]
	}
	for len(b) > 0 {
		if bytes.IndexByte(b, ':') < 0 && bytes.IndexByte(b, '.') >= 0 { // an IPv4 address at the end
			quad, ok := parseQuad(b)
			if !ok || at > 12 {
				return netip.Addr{}, false
			}
			at += copy(addr[at:], quad[:])
			break
		}
		group, rest, ok := parseGroup(b)
		if !ok || at == len(addr) {
			return netip.Addr{}, false
		}
		addr[at], addr[at+1] = byte(group>>8), byte(group)
		at, b = at+2, rest
		switch {
		case len(b) == 0:
		case b[0] != ':' || len(b) == 1:
			return netip.Addr{}, false
		case b[1] == ':':
			if gap >= 0 {
				return netip.Addr{}, false
			}
			gap, b = at, b[2:]
		default:
			b = b[1:]
		}
	}
	if (at == len(addr)) == (gap >= 0) { // "::" replaces at least one group
		return netip.Addr{}, false
	}
	if gap >= 0 {
		tail := copy(addr[len(addr)-(at-gap):], addr[gap:at])
		clear(addr[gap : len(addr)-tail])
	}
	return netip.AddrFrom16(addr), true
}

func parseGroup(b []byte) (v uint16, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < 4; i++ {
		c := b[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return v, b[i:], i > 0
		}
		v = v<<4 | uint16(c)
	}
	return v, b[i:], i > 0
}

func parseQuad(b []byte) (quad [4]byte, ok bool) {
	for i := range quad {
		v, rest, fine := decimal.Digits(b, 1, 3)
		if !fine || v > 255 || b[0] == '0' && len(b)-len(rest) > 1 {
			return quad, false
		}
		quad[i], b = byte(v), rest
		if i == len(quad)-1 {
			break
		}
		if len(b) == 0 || b[0] != '.' {
			return quad, false
		}
		b = b[1:]
	}
	return quad, len(b) == 0
}
