package values

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// Some values are evidence only because of their words, or because of their shape beside another column. Other values
// of the same shape are no evidence.
func TestShapesOfWordsAndNeighbours(t *testing.T) {
	given, streets := lists()["given_name"], lists()["street"]
	cycle := func(list ...string) []string { return times(60, func(i int) string { return list[i%len(list)] }) }
	beside := map[string][]string{
		"names":   times(60, func(i int) string { return given[i%len(given)] }),
		"streets": times(60, func(i int) string { return fmt.Sprintf("%s %d", streets[i%len(streets)], i+1) }),
		"nothing": cycle("open", "closed"),
		"births":  times(60, func(i int) string { return fmt.Sprintf("%d-05-%02d", 1950+i, i%28+1) }),
	}
	numbers := times(60, func(i int) string { return fmt.Sprint(100000007 + i*7919) })
	codes := times(60, func(i int) string { return fmt.Sprint(10000 + i*991) })
	family := times(60, func(i int) string {
		return append([]string{"Zyxwen", "Qvarnik", "Ollbart", "Umbrek", "Trasvik"}, lists()["family_name"]...)[i%(5+len(lists()["family_name"]))]
	})
	for name, c := range map[string]struct {
		want, beside string
		texts        []string
	}{
		"genders":          {"gender", "nothing", cycle("M", "F")},
		"genders in words": {"gender", "nothing", cycle("männlich", "weiblich", "divers")},
		"sizes":            {"", "nothing", cycle("S", "M", "L", "XL")},
		"styles":           {"", "nothing", cycle("M", "W", "U")},
		"married or not":   {"marital_status", "nothing", cycle("single", "married", "divorced")},
		"titles":           {"title", "nothing", cycle("Mr.", "Mrs.", "Dr.")},
		"users of domains": {"user_name", "nothing", times(60, func(i int) string { return fmt.Sprintf(`works\user%d`, i) })},
		"files":            {"", "nothing", times(60, func(i int) string { return fmt.Sprintf(`c:\works\user%d`, i) })},
		"jobs": {"job_title", "nothing", times(60, func(i int) string {
			return []string{"Sales", "Plant", "Night", "Chief", "Junior", "Senior"}[i%6] + " Engineer"
		})},
		"numbers beside names":     {"identifier", "names", numbers},
		"numbers beside streets":   {"identifier", "streets", numbers},
		"numbers beside nothing":   {"", "nothing", numbers},
		"postcodes beside streets": {"postcode", "streets", codes},
		"postcodes beside nothing": {"", "nothing", codes},
		"family names":             {"family_name", "names", family},
		"numbers beside births":    {"identifier", "births", numbers},
		"letters beside births":    {"marital_status", "births", cycle("M", "S")},
		"sizes beside births":      {"", "births", cycle("S", "M", "L")},
		"initials beside names":    {"middle_name", "names", cycle("A", "B.", "C", "J", "K.", "R")},
	} {
		l := New(lists(), 2026)
		columns := []*Column{l.Column(catalog.Text), l.Column(catalog.Text)}
		for i, texts := range [][]string{c.texts, beside[c.beside]} {
			for _, text := range texts {
				columns[i].Add([]byte(text))
			}
		}
		Beside(columns)
		got := ""
		for _, e := range columns[0].Evidence() {
			got += e.Class
			if e.Hits > e.Looked || strings.Contains(e.String(), c.texts[0]) && len(c.texts[0]) > 3 {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The numbers of a key have the form of postcodes. The key does not count as a postcode.
func TestNumbersOfKeysAreNoPostcodes(t *testing.T) {
	l := New(lists(), 2026)
	key, street := l.Of(catalog.Type{Family: catalog.Integer}), l.Column(catalog.Text)
	for i := range 60 {
		key.Add([]byte(fmt.Sprint(10000 + i)))
		street.Add([]byte(fmt.Sprintf("%s %d", lists()["street"][i%5], i+1)))
	}
	Beside([]*Column{key, street})
	if list := key.Evidence(); len(list) > 0 {
		t.Errorf("%v", list)
	}
}
