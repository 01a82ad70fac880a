package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7/data"
)

// dictionary is what fakes are made of: a sorted, duplicate-free copy of gofakeit's lists, so that nothing
// that changes those maps later changes a result. Every entry is ASCII, so characters are bytes.
type dictionary struct {
	given, family         []string
	givenMail, familyMail []string // the same entries, in lower case and letters only
	city                  []string
	road                  []string // "Street"
	firm                  []string // "Group"
}

func newDictionary() *dictionary {
	d := &dictionary{
		given:  entries(data.Person["first"]),
		family: entries(data.Person["last"]),
		city:   entries(data.Address["city"]),
		road:   []string{"Avenue", "Boulevard", "Court", "Crescent", "Drive", "Gardens", "Hill", "Lane", "Park", "Place", "Road", "Row", "Square", "Street", "Terrace", "Way"},
		firm:   []string{"Associates", "Group", "Inc", "LLC", "Ltd", "Partners", "and Sons", "Works"},
	}
	d.givenMail, d.familyMail = letters(d.given), letters(d.family)
	return d
}

// entries sorts, drops duplicates and whatever is not plain ASCII.
func entries(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && ascii(s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func ascii(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// letters are the names as an address writes them.
func letters(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.Map(func(r rune) rune {
			if r < 'a' || r > 'z' {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	return out
}

// Version identifies whatever besides the rules and the key decides a result: the canonical forms, the
// library's algorithms and its dictionaries. It belongs into a plan's digest.
func Version() string {
	d := newDictionary()
	h := sha256.New()
	for _, list := range [][]string{d.given, d.family, d.city, d.road, d.firm} {
		fmt.Fprintf(h, "%d\n%s\n", len(list), strings.Join(list, "\n"))
	}
	return fmt.Sprintf("library %d, canonical forms %d, dictionaries %s", libraryVersion, CanonVersion, hex.EncodeToString(h.Sum(nil)[:8]))
}

// libraryVersion changes when a treatment gives another result for the same key, parameters and value.
const libraryVersion = 1
