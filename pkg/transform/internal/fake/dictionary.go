package fake

import (
	"slices"
	"strings"

	"github.com/brianvoe/gofakeit/v7/data"

	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// Some fakes choose from gofakeit's lists. Each compiled column has its own sorted copy of its list, without
// duplicates. If other code of the program changes gofakeit's maps later, results stay.

// Dictionaries returns the lists of words that are the same in every country. The version in a plan covers the lists.
func Dictionaries() [][]string {
	return [][]string{latinWords(), jobs(), colors(), departments(), productAdjectives(), productMaterials(), productNames()}
}

func lorem() []string             { return data.Lorem["word"] }
func jobs() []string              { return entries(data.Job["title"], keepCase) }
func colors() []string            { return entries(data.Colors["full"], keepCase) }
func productAdjectives() []string { return entries(data.Product["adjective"], capitals) }
func productMaterials() []string  { return entries(data.Product["material"], capitals) }
func productNames() []string      { return entries(data.Product["name"], capitals) }

func keepCase(s string) string { return s }

// capitals makes the first letter of each word a capital.
func capitals(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// entries sorts a list. It removes duplicates and entries that are not plain ASCII.
func entries(list []string, spell func(string) string) []string {
	var out []string
	for _, s := range list {
		if s = spell(strings.TrimSpace(s)); s != "" && canon.IsASCII(s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
