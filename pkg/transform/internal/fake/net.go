package fake

import (
	"math"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// networkFakes returns the fakes of network addresses, domain names, links, user agents and UUIDs. IP addresses and
// domain names come from ranges that are reserved for documentation and tests.
func networkFakes() []*kind {
	inet := treatment.TypeNamed("inet", "inet", catalog.Inet)
	return []*kind{
		domainFake(), urlFake(),
		{
			name: "fake.ipv4", summary: "invents an IPv4 address that nobody has", anywhere: true,
			doc:      "The address comes from the three ranges for documentation (RFC 5737): 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24. There are 762 addresses in all.",
			families: []catalog.Family{catalog.Inet, catalog.Text},
			samples:  []sample{{typ: inet, out: "203.0.113.59"}, {out: "203.0.113.75"}},
			least:    fixedLength(len("198.51.100.254")), full: fixedLength(len("198.51.100.254")),
			space: func(*fake) float64 { return 3 * 254 },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				n := draw.Pick(s, laneAddress4, 3*254)
				dst = append(dst, [3]string{"192.0.2.", "198.51.100.", "203.0.113."}[n/254]...)
				dst = decimal.AppendInt(dst, int64(n%254+1))
				return appendPrefix(dst, f, "/32")
			},
		},
		{
			name: "fake.ipv6", summary: "invents an IPv6 address that nobody has", anywhere: true,
			doc:      "The address comes from the range for documentation (RFC 3849), 2001:db8::/32. The other 96 bits are invented, and none of their groups is zero.",
			families: []catalog.Family{catalog.Inet, catalog.Text},
			samples:  []sample{{typ: inet, out: "2001:db8:7737:4984:bd6c:bab3:8d7c:456c"}, {out: "2001:db8:f814:da9d:e0f0:64f:24b5:1912"}},
			least:    fixedLength(39), full: fixedLength(39),
			space: func(*fake) float64 { return math.Pow(65535, 6) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				dst = appendGroups(append(dst, "2001:db8"...), draw.Lane(s, laneAddress6))
				return appendPrefix(appendGroups(dst, draw.Lane(s, laneAddress6Low)), f, "/128")
			},
		},
		{
			name: "fake.mac_address", summary: "invents a MAC address that nobody has", anywhere: true,
			doc:      "The address is 02:xx:xx:xx:xx:xx with 40 invented bits. It is locally administered, so it belongs to no manufacturer. In macaddr8 columns, the address is two bytes longer.",
			families: []catalog.Family{catalog.MAC, catalog.Text},
			samples:  []sample{{typ: treatment.TypeNamed("macaddr", "macaddr", catalog.MAC), out: "02:d4:ac:ea:d1:b7"}, {out: "02:43:ea:d9:76:cd"}},
			least:    fixedLength(17), full: fixedLength(17),
			space: func(*fake) float64 { return 1 << 40 },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				dst = append(dst, "02"...)
				if f.typ.Base == "macaddr8" {
					dst = append(dst, ":00:00"...)
				}
				x := draw.Lane(s, laneMAC)
				for range 5 {
					dst = appendHexByte(append(dst, ':'), byte(x>>56))
					x <<= 8
				}
				return dst
			},
		},
		agentFake(), uuidFake(),
	}
}

// appendGroups appends three groups of an IPv6 address. No group is zero, so that PostgreSQL prints all groups without
// an abbreviation.
func appendGroups(dst []byte, x uint64) []byte {
	for range 3 {
		g := x>>48*65535>>16 + 1
		dst = strconv.AppendUint(append(dst, ':'), g, 16)
		x <<= 16
	}
	return dst
}

// appendPrefix appends the length of the network if the type is cidr.
func appendPrefix(dst []byte, f *fake, prefix string) []byte {
	if f.typ.Base == "cidr" {
		return append(dst, prefix...)
	}
	return dst
}

func domainFake() *kind {
	tail := len(".example") + 1
	longest := func(f *fake) int { return locale.LongestOf(f.list) + tail + suffixLen }
	return &kind{
		name: "fake.domain_name", summary: "invents a domain name that cannot be registered", anywhere: true,
		doc:     "The name is word-xxxxxxxxxxx.example. The top-level domain is reserved (RFC 2606). The part xxxxxxxxxxx is the same 11 characters (55 bits) as in the person's e-mail address. If the column is too short, the word is shortened first. Then the part xxxxxxxxxxx is shortened, to 8 characters (40 bits) at least.",
		samples: []sample{{out: "debitis-ml3ifykagsw.example"}, {subject: "1", out: "accusamus-ths3z6ga3yy.example"}},
		check:   func(f *fake, _ transform.Column, _ *treatment.Args) { f.list = latinWords() },
		least:   fixedLength(suffixLeast + len(".example")), full: longest,
		space: func(f *fake) float64 {
			n := math.Pow(32, float64(suffixIn(f.room-len(".example"))))
			if f.room >= longest(f) {
				n *= float64(len(f.list))
			}
			return n
		},
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			if room := f.room - suffixLen - tail; room > 0 {
				dst = append(locale.AppendCut(dst, draw.Choose(s, laneWords, f.list), room), '-')
			}
			return append(appendSuffix(dst, s, suffixIn(f.room-len(".example"))), ".example"...)
		},
	}
}

func urlFake() *kind {
	const host = "https://example.com/"
	longest := func(f *fake) int { return len(host) + locale.LongestOf(f.list) + 1 + suffixLen }
	return &kind{
		name: "fake.url", summary: "invents a link to a page that does not exist", anywhere: true,
		doc:     "The link is https://example.com/word/xxxxxxxxxxx, or the same with .org or .net. The domain names are reserved (RFC 2606). The part xxxxxxxxxxx is 11 characters that encode 55 bits. If the column is too short, the word is shortened first. Then the part xxxxxxxxxxx is shortened, to 8 characters (40 bits) at least.",
		samples: []sample{{out: "https://example.com/occaecati/3zw3nuaa2th"}, {subject: "1", out: "https://example.net/accusamus/ths3z6ga3yy"}},
		check:   func(f *fake, _ transform.Column, _ *treatment.Args) { f.list = latinWords() },
		least:   fixedLength(len(host) + suffixLeast), full: longest,
		space: func(f *fake) float64 {
			n := 3 * math.Pow(32, float64(suffixIn(f.room-len(host))))
			if f.room >= longest(f) {
				n *= float64(len(f.list))
			}
			return n
		},
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			dst = append(dst, "https://example."...)
			dst = append(append(dst, "comorgnet"[3*draw.Pick(s, laneHost, 3):][:3]...), '/')
			if room := f.room - len(host) - suffixLen - 1; room > 0 {
				dst = append(locale.AppendCut(dst, draw.Choose(s, laneWords, f.list), room), '/')
			}
			return appendSuffix(dst, s, suffixIn(f.room-len(host)))
		},
	}
}

// agentFake returns the fake of user agents. The texts have the form that current browsers use. Systems and versions
// are fixed and are not the newest.
func agentFake() *kind {
	least := func(f *fake) int { return locale.LongestOf(f.list) + locale.LongestOf(f.more[0]) }
	return &kind{
		name: "fake.user_agent", summary: "invents the user agent of a browser", anywhere: true,
		doc:     "The browser is Chrome or Firefox, in one of 30 versions on one of 6 systems. There are 360 different results. Many of them are real user agents, and very many people share each of these.",
		samples: []sample{{out: "Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0.0.0 Safari/537.36"}},
		check: func(f *fake, _ transform.Column, _ *treatment.Args) {
			f.list = []string{"Windows NT 10.0; Win64; x64", "Windows NT 11.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "X11; Ubuntu; Linux x86_64", "X11; Fedora; Linux x86_64"}
			f.more = [][]string{{"Mozilla/5.0 () AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.0.0 Safari/537.36"}}
		},
		least: least, full: least,
		space: func(f *fake) float64 { return float64(agentsPerSystem * len(f.list)) },
		append: func(f *fake, dst []byte, s *transform.Seed) []byte {
			return appendAgent(dst, f.list, draw.Pick(s, laneAgent, agentsPerSystem*len(f.list)))
		},
	}
}

// agentsPerSystem is the number of user agents of one system: two browsers in 30 versions.
const agentsPerSystem = 60

// appendAgent appends user agent number n of these systems.
func appendAgent(dst []byte, systems []string, n int) []byte {
	version := int64(n%30 + 100)
	dst = append(dst, "Mozilla/5.0 ("...)
	dst = append(dst, systems[n/agentsPerSystem]...)
	if n/30%2 == 0 {
		dst = decimal.AppendInt(append(dst, ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"...), version)
		return append(dst, ".0.0.0 Safari/537.36"...)
	}
	dst = append(decimal.AppendInt(append(dst, "; rv:"...), version), ".0) Gecko/20100101 Firefox/"...)
	return append(decimal.AppendInt(dst, version), ".0"...)
}

func uuidFake() *kind {
	uuid := treatment.TypeNamed("uuid", "uuid", catalog.UUID)
	return &kind{
		name: "fake.uuid", summary: "invents a random UUID", anywhere: true,
		doc:      "The UUID has version 4 (RFC 9562) and 122 pseudorandom bits. For keys that other tables reference, use token. Its result depends only on the value, and never on the subject.",
		families: []catalog.Family{catalog.UUID, catalog.Text},
		samples:  []sample{{typ: uuid, out: "e1c31607-6806-4d3b-99ef-56781ad10582"}, {out: "b1243d46-ee77-46bc-9ec2-9a5cecff4da6"}},
		least:    fixedLength(36), full: fixedLength(36),
		space: func(*fake) float64 { return math.Pow(2, 122) },
		append: func(_ *fake, dst []byte, s *transform.Seed) []byte {
			var raw transform.Seed
			hi, lo := draw.Lane(s, laneUUID), draw.Lane(s, laneUUIDLow)
			for i := range 8 {
				raw[i], raw[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
			}
			raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
			for i, b := range raw {
				if i == 4 || i == 6 || i == 8 || i == 10 {
					dst = append(dst, '-')
				}
				dst = appendHexByte(dst, b)
			}
			return dst
		},
	}
}

func appendHexByte(dst []byte, b byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, digits[b>>4], digits[b&15])
}

// latinWords returns gofakeit's Latin words.
func latinWords() []string { return entries(lorem(), strings.ToLower) }
