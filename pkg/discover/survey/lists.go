package survey

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Lists returns words for the classes of names. These are the words from which treatments invent people, in all
// languages.
func Lists() map[string][]string {
	lists := map[string][]string{}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	for _, class := range []string{"given_name", "family_name", "city", "street"} {
		for _, locale := range []string{"en", "en_GB", "de", "fr", "es", "it", "nl", "pl", "pt"} {
			use := transform.Use{Treatment: "fake." + class, Params: transform.Params{"locale": locale}}
			lists[class] = append(lists[class], library.Dictionary(transform.Column{Name: class, Type: text}, use)...)
		}
	}
	return lists
}
