package values

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// paths returns the paths of documents as text.
func paths(c *Column) string {
	var list []string
	for _, p := range c.Paths() {
		list = append(list, fmt.Sprintf("%s %d %v", p.Path, p.Count, p.Types))
	}
	return strings.Join(list, "\n")
}

// Paths have counts and types. A key that is a name, a number or rare is not shown, at any depth.
func TestPathsOfDocuments(t *testing.T) {
	l := New(lists(), 2026)
	c := l.Column(catalog.JSON)
	names := []string{"Ada", "Carl", "Rosa", "Emma"}
	for i := range 100 {
		c.Add(fmt.Appendf(nil, `{"version": %d, "mail": "u%d@mail.example", "by": {"%s": {"ok": true}, "u%d": {"ok": false}}, "Ada": null, "tags": ["a", 1]}`, i, i, names[i%4], 10_000+i))
		if i%50 == 0 {
			c.Add([]byte(`{"seldom": 1}`))
		}
	}
	want := `$.* 2 map[number:2]
$.Ada 100 map[null:100]
$.by.*.ok 200 map[boolean:200]
$.mail 100 map[text:100]
$.tags[*] 200 map[number:100 text:100]
$.version 100 map[number:100]`
	if got := paths(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if e := c.Evidence(); len(e) != 1 || e[0].Path != "$.mail" || e[0].Class != "email" {
		t.Errorf("%v", e)
	}
	few := l.Column(catalog.JSON)
	few.Add([]byte(`{"Ada": "u@mail.example"}`))
	if got := paths(few); got != "$.* 1 map[text:1]" {
		t.Errorf("one document: %s", got)
	}
	deep := l.Column(catalog.JSON)
	deep.Add([]byte(strings.Repeat(`{"a":`, 2000) + `[ " {}" ]` + strings.Repeat("}", 2000)))
	if deep.places > 2*most {
		t.Errorf("%d places", deep.places)
	}
}

// Elements of arrays, values of hstore and texts of XML count like other values.
func TestPartsOfValues(t *testing.T) {
	l := New(lists(), 2026)
	for _, c := range []struct {
		column *Column
		text   string
		want   string
	}{
		{l.Column(catalog.Text).Array(), `{"a.%d@mail.example",b.%[1]d@mail.example,NULL}`, " email 20 of 20"},
		{l.Column(catalog.Text).Array(), `[2:3]={{"x \"y\" %d"},{b.%[1]d@mail.example}}`, " email 10 of 20"},
		{l.Column(catalog.JSON).Array(), `{"{\"mail\": \"a.%d@mail.example\"}"}`, "$.mail email 10 of 10"},
		{l.Column(catalog.Hstore), `"off"=>NULL, "mail"=>"a.%d@mail.example", "n"=>NULL, "x\"y"=>"1"`, "$.mail email 10 of 10"},
		{l.Column(catalog.XML), `<p><mail kind="x">a.%d@mail.example</mail><fax/></p>`, "$.p.mail email 10 of 10"},
	} {
		for i := range 10 {
			c.column.Add([]byte(strings.ReplaceAll(strings.ReplaceAll(c.text, "%d", fmt.Sprint(i)), "%[1]d", fmt.Sprint(i))))
		}
		e := c.column.Evidence()
		if len(e) != 1 || fmt.Sprintf("%s %s %d of %d", e[0].Path, e[0].Class, e[0].Hits, e[0].Looked) != c.want {
			t.Errorf("%s: %v, want %s", c.text, e, c.want)
		}
	}
	h := l.Column(catalog.Hstore)
	for range 5 {
		h.Add([]byte(`"off"=>NULL, "mail"=>"a@mail.example", "n"=>NULL`))
	}
	if got := paths(h); got != "$.mail 5 map[text:5]\n$.n 5 map[null:5]\n$.off 5 map[null:5]" {
		t.Errorf("hstore: %s", got)
	}
}
