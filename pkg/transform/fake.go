package transform

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/masker-project/masker/pkg/catalog"
)

// fakeKind is one treatment of the fake family: it invents a value from a seed. Kinds that draw on the
// same lanes of one seed agree: one seed is one person, living at one address.
type fakeKind struct {
	name, summary, doc string
	sample             [2]string               // results for the examples: of a value, and of subject 1
	least              int                     // characters it needs
	full               func(d *dictionary) int // characters of the longest result: nothing is cut from there on
	space              func(d *dictionary, room int) float64
	append             func(d *dictionary, dst []byte, s *Seed, room int) []byte
}

// The lanes of a seed. Two kinds that share a lane share the choice.
const (
	laneGiven = iota
	laneFamily
	laneSuffix
	laneHost
	lanePhone
	laneCity
	lanePostcode
	laneHouse
	laneRoad
	laneRoadName
	laneFirm
	lanePartner
	laneFirmKind
)

// unlimited is the room of a column without a limit.
const unlimited = 1 << 20

func fakeSpecs() []*Spec {
	var specs []*Spec
	for _, k := range append(personFakes(), placeFakes()...) {
		specs = append(specs, fakeSpec(k))
	}
	return specs
}

func fakeSpec(k fakeKind) *Spec {
	exampleID := idType()
	const common = " Outside a subject equal values get equal results within a domain; columns of a subject that share `as` " +
		"describe one invented person. Real values do not shape the choice, so one may by chance be its own result: once in the size of the space."
	return &Spec{
		Name:      k.name,
		Summary:   k.summary,
		Doc:       k.doc + common,
		Families:  []catalog.Family{catalog.Text},
		Discloses: Pseudonymised,
		Preserves: []string{Equality},
		Examples: []Example{
			{Type: textType(0), Use: Use{Treatment: k.name}, In: "the original", Out: k.sample[0]},
			{Type: textType(0), Use: Use{Treatment: k.name, Subject: "id", SubjectType: &exampleID, As: "person"}, Subject: "1", In: "the original", Out: k.sample[1], Note: "subject 1"},
		},
		scalar: func(c Column, u Use, _ *args) (scalarPlan, error) { return planFake(k, c, u) },
	}
}

func planFake(k fakeKind, c Column, u Use) (scalarPlan, error) {
	room := c.Type.MaxLen
	if room == 0 {
		room = unlimited
	}
	if room < k.least {
		return scalarPlan{}, &ParamError{"treat", fmt.Sprintf("%s needs %d characters, the column holds %d", k.name, k.least, room)}
	}
	d := newDictionary()
	t := Traits{Space: k.space(d, room), Discloses: Pseudonymised}
	if u.Subject != "" {
		t.Discloses = Synthetic
	}
	if room < k.full(d) {
		t.Shape = fmt.Sprintf("within %d characters", room)
	}
	return scalarPlan{
		traits: t,
		seed:   "fake",
		build:  func(Keys) scalar { return &fake{kind: k, dict: newDictionary(), room: room} },
	}, nil
}

type fake struct {
	kind fakeKind
	dict *dictionary // never written
	room int         // characters the column holds
}

func (f *fake) append(dst, _ []byte, seed *Seed) ([]byte, error) {
	return f.kind.append(f.dict, dst, seed, f.room), nil
}

// lane draws 64 bits for one choice. The seed is pseudorandom already; mixing only keeps choices apart.
// (The finaliser is MurmurHash3's.)
func lane(s *Seed, i uint64) uint64 {
	x := binary.BigEndian.Uint64(s[:8]) + i*0x9e3779b97f4a7c15
	x = mix(x) ^ binary.BigEndian.Uint64(s[8:])
	return mix(x + i)
}

func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// pick is uniform in [0, n) but for a bias below n/2^64.
func pick(s *Seed, i uint64, n int) int {
	hi, _ := bits.Mul64(lane(s, i), uint64(n))
	return int(hi)
}

func choose(s *Seed, i uint64, list []string) string { return list[pick(s, i, len(list))] }

// appendCut appends s, cut to the room; ASCII, and no blank or dot at a cut end.
func appendCut(dst []byte, s string, room int) []byte {
	if len(s) <= room {
		return append(dst, s...)
	}
	s = s[:room]
	for len(s) > 1 && (s[len(s)-1] == ' ' || s[len(s)-1] == '.' || s[len(s)-1] == ',') {
		s = s[:len(s)-1]
	}
	return append(dst, s...)
}

// appendDigits writes v with at least width digits.
func appendDigits(dst []byte, v, width int) []byte {
	for limit := 10; width > 1; width-- {
		if v < limit {
			for range width - 1 {
				dst = append(dst, '0')
			}
			break
		}
		limit *= 10
	}
	return appendInt(dst, int64(v))
}

// distinctCut counts the entries that remain different when cut to the room.
func distinctCut(list []string, room int) float64 {
	seen := map[string]bool{}
	for _, s := range list {
		seen[string(appendCut(nil, s, room))] = true
	}
	return float64(len(seen))
}

func longestOf(list []string) int {
	n := 0
	for _, s := range list {
		n = max(n, len(s))
	}
	return n
}
