package survey

import (
	"embed"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/values"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// moreWords has names of people and places. Treatments do not use these names. They come from more
// languages than the names from which treatments invent people.
//
//go:embed words/*.txt
var moreWords embed.FS

// Lists returns words for classes of names: the words from which treatments invent people, in all
// languages, and the words in the files of the folder words. The list values.Common has words that
// are names, but mean something else in most columns.
func Lists() map[string][]string {
	lists := map[string][]string{}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	for _, class := range []string{"given_name", "family_name", "city", "street"} {
		for _, locale := range library.Locales() {
			use := transform.Use{Treatment: "fake." + class, Params: transform.Params{"locale": locale}}
			lists[class] = append(lists[class], library.Dictionary(transform.Column{Name: class, Type: text}, use)...)
		}
	}
	for class, file := range map[string]string{"given_name": "given", "family_name": "family", "city": "city", values.Common: "common"} {
		lists[class] = append(lists[class], readWords(file, class == "city")...)
	}
	return lists
}

// readWords returns the entries of a file of the folder words. The entries have commas between them, or blanks.
func readWords(file string, commas bool) (entries []string) {
	text, _ := moreWords.ReadFile("words/" + file + ".txt") // an embedded file can always be read
	for line := range strings.Lines(string(text)) {
		_, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || line[0] == '#':
		case commas:
			entries = append(entries, strings.Split(list, ", ")...)
		default:
			entries = append(entries, strings.Fields(list)...) // an underscore stands for a blank inside an entry
		}
	}
	for i, entry := range entries {
		entries[i] = strings.ReplaceAll(entry, "_", " ")
	}
	return entries
}
