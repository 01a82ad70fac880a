package fake

import (
	"math"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

const (
	suffixLen   = 11 // 11 characters in base 32: 55 bits
	suffixLeast = 8
	hostLen     = len("@example.com")
)

// handleFakes returns the fakes of e-mail addresses, login names and telephone numbers.
func handleFakes() []*kind {
	return []*kind{
		{
			name: "fake.email", summary: "invents an e-mail address that reaches nobody",
			doc: "The address is given.family.xxxxxxxxxxx@example.com, .org or .net. The domain names are reserved (RFC 2606). The names are those of the person, in ASCII. The part xxxxxxxxxxx is 11 characters that encode 55 bits. " +
				"This part makes addresses different, so the treatment suits unique columns. If the column is too short, the names are shortened first. Then the part xxxxxxxxxxx is shortened, to 8 characters (40 bits) at least.",
			samples: []sample{{out: "roger.fisher.otihqqk4aei@example.com"}, {subject: "1", out: "kyle.perkins.ths3z6ga3yy@example.net"}, {params: transform.Params{"locale": "de"}, out: "sigmund.heck.otihqqk4aei@example.com"}},
			least:   fixedLength(suffixLeast + hostLen),
			full: func(f *fake) int {
				return latin(f.l).longestGiven + 1 + latin(f.l).longestFamily + 1 + suffixLen + hostLen
			},
			space: emailSpace, append: appendEmail,
		},
		{
			name: "fake.user_name", summary: "invents a login name",
			doc: "The login name is given_xxxxxxxxxxx: the person's given name in ASCII, and the 11 characters (55 bits) that also stand in the person's e-mail address. The treatment suits unique columns. " +
				"If the column is too short, the given name is shortened first. Then the part xxxxxxxxxxx is shortened, to 8 characters (40 bits) at least.",
			samples: []sample{{out: "max_djhlzn4dg3r"}, {subject: "1", out: "kyle_ths3z6ga3yy"}},
			least:   fixedLength(suffixLeast),
			full:    func(f *fake) int { return latin(f.l).longestGiven + 1 + suffixLen },
			space:   userNameSpace, append: appendUserName,
		},
		{
			name: "fake.phone", summary: "invents a telephone number that belongs to nobody",
			doc: "The number comes from a range that is reserved for fiction, if the country has such a range. In the United States, the range is +1-NXX-555-01XX (79,200 numbers). Ofcom reserves 14,000 numbers in Britain, the " +
				"Bundesnetzagentur 5,100 in Germany, and ARCEP 60,000 in France. Spain, Italy, the Netherlands, Poland and Portugal reserve no numbers. " +
				"In these countries, the number begins with +34 3, +39 9, +31 69, +48 37 or +351 5. The numbering plans assign these ranges to nobody. Programs that check numbers " +
				"refuse such numbers.\n\nThe treatment does not suit unique columns of many rows. If the column is too short for the international form, the number has the national form. " +
				"If the column is too short for the national form, the number has digits only.",
			samples: []sample{{out: "+1-486-555-0178"}, {subject: "1", out: "+1-222-555-0194"}, {params: transform.Params{"locale": "de"}, out: "+49 40 66969 827"}, {params: transform.Params{"locale": "en_GB"}, out: "+44 116 496 0016"}},
			least:   func(f *fake) int { return f.l.PhoneLen(false, false) },
			full:    func(f *fake) int { return f.l.PhoneLen(true, true) },
			space:   func(f *fake) float64 { return float64(f.l.PhoneNumbers()) },
			append:  appendPhone,
		},
	}
}

// suffixIn returns the number of characters of the suffix that fit the room.
func suffixIn(room int) int { return min(suffixLen, room) }

func appendEmail(f *fake, dst []byte, s *transform.Seed) []byte {
	start := len(dst)
	if names := f.room - suffixLen - hostLen - 1; names > 0 {
		dst = locale.AppendLatin(dst, given(f.l, s, laneGiven))
		dst = append(dst, '.')
		family := len(dst)
		dst = appendFamily(dst, f.l, s)
		dst = latinInPlace(dst, family)
		if len(dst)-start > names {
			dst = dst[:start+names]
		}
		if dst[len(dst)-1] != '.' { // the cut may leave a dot at the end, and an address cannot have two dots side by side
			dst = append(dst, '.')
		}
	}
	dst = appendSuffix(dst, s, suffixIn(f.room-hostLen))
	dst = append(dst, "@example."...)
	return append(dst, "comorgnet"[3*draw.Pick(s, laneHost, 3):][:3]...)
}

// latinInPlace spells the text from start in ASCII. The spelling of a letter is never longer than the letter, in bytes.
func latinInPlace(dst []byte, start int) []byte {
	var spelt [64]byte
	return append(dst[:start], locale.AppendLatin(spelt[:0], string(dst[start:]))...)
}

func emailSpace(f *fake) float64 {
	n := math.Pow(32, float64(suffixIn(f.room-hostLen))) * 3
	if f.room >= f.kind.full(f) {
		n *= latin(f.l).givens * latin(f.l).families
	}
	return n
}

func appendUserName(f *fake, dst []byte, s *transform.Seed) []byte {
	if name := f.room - suffixLen - 1; name > 0 {
		start := len(dst)
		dst = locale.AppendLatin(dst, given(f.l, s, laneGiven))
		dst = append(dst[:start+min(len(dst)-start, name)], '_')
	}
	return appendSuffix(dst, s, suffixIn(f.room))
}

func userNameSpace(f *fake) float64 {
	n := math.Pow(32, float64(suffixIn(f.room)))
	if name := f.room - suffixLen - 1; name > 0 {
		n *= latin(f.l).givenSpace(name)
	}
	return n
}

// appendSuffix appends n characters that encode bits of the seed. These characters distinguish people who have the same
// name.
func appendSuffix(dst []byte, s *transform.Seed, n int) []byte {
	x := draw.Lane(s, laneSuffix)
	for range n {
		dst = append(dst, draw.Base32[x>>59])
		x <<= 5
	}
	return dst
}

func appendPhone(f *fake, dst []byte, s *transform.Seed) []byte {
	n := draw.Pick(s, lanePhone, f.l.PhoneNumbers())
	i := 0
	for n >= f.l.Phones[i].Numbers {
		n -= f.l.Phones[i].Numbers
		i++
	}
	pattern, start := f.l.Phones[i].Pattern, len(dst)
	for form := range 3 {
		dst = f.l.AppendPhone(dst[:start], pattern, n, form == 0, form < 2)
		if len(dst)-start <= f.room {
			break
		}
	}
	return dst
}
