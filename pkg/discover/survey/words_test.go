package survey

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/values"
)

//go:embed testdata/harmless.txt
var harmless string

//go:embed testdata/people.txt
var people string

// column is a column of a file in testdata: its name, and its values.
type column struct {
	name   string
	values []string
}

func columns(text string) (list []column) {
	for line := range strings.Lines(text) {
		if name, all, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && line[0] != '#' {
			list = append(list, column{name, strings.Split(all, "|")})
		}
	}
	return list
}

// evidence looks at the values again and again, until the column has the number of rows.
func (c column) evidence(looker *values.Looker, rows int) []values.Evidence {
	look := looker.Column(catalog.Text)
	for i := range rows {
		look.Add([]byte(c.values[i%len(c.values)]))
	}
	return look.Evidence()
}

// The columns of harmless.txt hold no personal data. One of them is taken for family names: its words end as Russian names
// do.
func TestHarmlessColumns(t *testing.T) {
	t.Parallel()
	looker, list := values.New(Lists(), 2026), columns(harmless)
	if len(list) < 150 {
		t.Fatalf("only %d columns", len(list))
	}
	for _, c := range list {
		for _, rows := range []int{len(c.values), 400} {
			if all := c.evidence(looker, rows); len(all) > 0 && c.name != "words in ov" {
				t.Errorf("%s, %d rows: %s: %v", c.name, rows, all[0].Class, all[0])
			}
		}
	}
}

// The names of the columns of people.txt say which class their values have.
func TestPeopleInManyLanguages(t *testing.T) {
	t.Parallel()
	looker := values.New(Lists(), 2026)
	for _, c := range columns(people) {
		want, _, _ := strings.Cut(c.name, " ")
		all := c.evidence(looker, len(c.values))
		if len(all) == 0 || all[0].Class != want {
			t.Errorf("%s: %v", c.name, all)
		}
	}
}

// Each list has many entries, and no entry is empty or has a sign that separates entries in a file.
func TestListsAreWellFormed(t *testing.T) {
	t.Parallel()
	for class, least := range map[string]int{"given_name": 8000, "family_name": 8000, "city": 3000, "street": 5000, values.Common: 500} {
		entries := Lists()[class]
		different := map[string]bool{}
		for _, entry := range entries {
			different[entry] = true
		}
		if len(different) < least {
			t.Errorf("%s: only %d entries", class, len(different))
		}
		if i := slices.IndexFunc(entries, func(e string) bool { return e == "" || strings.ContainsAny(e, ",_|:#") || e != strings.TrimSpace(e) }); i >= 0 {
			t.Errorf("%s: the entry %s", class, fmt.Sprintf("%q", entries[i]))
		}
	}
}
