package subset_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
)

func TestRootsOfACommandLine(t *testing.T) {
	table := func(schema, name string) catalog.Name { return catalog.Name{Schema: schema, Name: name} }
	for text, want := range map[string]subset.Root{
		"countries all":                               {Table: table("public", "countries"), All: true},
		"sales.orders id=42, 77":                      {Table: table("sales", "orders"), Column: "id", Values: []string{"42", "77"}},
		" customers  5% ":                             {Table: table("public", "customers"), Percent: 5},
		"customers limit 10":                          {Table: table("public", "customers"), Limit: 10},
		`"Gift Cards" where a = 'x all limit 5'`:      {Table: table("public", "Gift Cards"), Where: "a = 'x all limit 5'"},
		"customers 0.5% LIMIT 100 WHERE country='FR'": {Table: table("public", "customers"), Percent: 0.5, Limit: 100, Where: "country='FR'"},
	} {
		if got, err := subset.ParseRoot(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                              "want a table first",
		"a.b.c all":                     "want a table first",
		"customers":                     "public.customers: want one of all",
		"customers where":               "want a condition after where",
		"customers where a = 1 LIMIT 3": "write limit before where",
		"customers NaN%":                "want a share such as 5%",
		"customers x%":                  "want a share such as 5%",
		"customers limit none":          "want a number after limit",
		"customers the best":            "want all, 5%, limit 100, where CONDITION, or a key such as id=42,77",
		"customers 500%":                "percent",
		"customers all id=5":            "all",
	} {
		if got, err := subset.ParseRoot(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, got, err, want)
		}
	}
}

func TestChildrenOfACommandLine(t *testing.T) {
	orders := catalog.Name{Schema: "public", Name: "orders"}
	for text, want := range map[string]subset.Children{
		"*": {}, "* limit 3": {Limit: 3}, "orders": {Table: orders}, "public.orders limit 3": {Table: orders, Limit: 3},
	} {
		if got, err := subset.ParseChildren(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "orders three", "orders limit", "* limit 3 4", "a.b.c"} {
		if got, err := subset.ParseChildren(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

// Every root that ParseRoot accepts must be valid in a subset. No text may make it panic.
func FuzzParseRoot(f *testing.F) {
	f.Add(`"Gift Cards" 5% limit 3 where a = 'b'`)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := subset.ParseRoot(text); err == nil {
			if err := (&subset.Definition{Roots: []subset.Root{r}}).Check(); err != nil {
				t.Errorf("%q is read as a root that Check refuses: %v", text, err)
			}
		}
		_, _ = subset.ParseChildren(text)
	})
}
