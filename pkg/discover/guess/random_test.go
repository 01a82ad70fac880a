package guess

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

// Any names and comments are guessed without a panic. The words are those of the vocabulary, because only they lead to
// the rules that look at positions in a name.
func TestAnyNamesAndCommentsAreGuessed(t *testing.T) {
	d := detectors(t)
	phrases := rapid.SampledFrom(slices.Concat(slices.Sorted(maps.Keys(d.phrases)), slices.Sorted(maps.Keys(d.short.listed)), []string{"", "x", "1"}))
	words := rapid.Map(rapid.SliceOfN(phrases, 0, 3), func(list []string) string { return strings.Join(list, " ") })
	names := rapid.Map(words, func(s string) string { return strings.ReplaceAll(s, " ", "_") })
	families := rapid.SampledFrom([]catalog.Family{catalog.Text, catalog.Integer, catalog.Boolean, catalog.Date, catalog.Bytes, catalog.JSON})
	rapid.Check(t, func(rt *rapid.T) {
		db := &catalog.Database{}
		for _, name := range rapid.SliceOfNDistinct(names, 1, 3, rapid.ID[string]).Draw(rt, "tables") {
			table := &catalog.Table{Name: catalog.Name{Schema: "public", Name: name}}
			for _, column := range rapid.SliceOfNDistinct(names, 1, 6, rapid.ID[string]).Draw(rt, "columns") {
				table.Columns = append(table.Columns, catalog.Column{
					Name: column, Type: catalog.Type{Family: families.Draw(rt, "family")}, Comment: words.Draw(rt, "comment"),
				})
			}
			db.Tables = append(db.Tables, table)
		}
		d.Database(db)
	})
}
