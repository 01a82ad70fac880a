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

// Paths have counts and types. A key that is rare or has a long number is shown as *, at any depth. So is a name,
// unless most objects have it as a key.
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

// The parts of arrays, ranges, composites, hstore, JSON, XML and CSV count like other values.
func TestPartsOfValues(t *testing.T) {
	l := New(lists(), 2026)
	text, day := catalog.Type{Family: catalog.Text}, catalog.Type{Family: catalog.Date}
	days := catalog.Type{Family: catalog.Range, Elem: &day}
	inner := catalog.Type{Family: catalog.Composite, Fields: []catalog.Field{{Name: "town", Type: text}, {Name: "mail", Type: text}}}
	outer := catalog.Type{Family: catalog.Composite, Fields: []catalog.Field{
		{Name: "on", Type: catalog.Type{Family: catalog.Boolean}}, {Name: "at", Type: inner}, {Name: "data", Type: catalog.Type{Family: catalog.JSON}},
	}}
	for _, c := range []struct {
		column *Column
		text   string
		want   string
	}{
		{l.Of(catalog.Type{Family: catalog.Array, Elem: &text}), `{"a.%d@mail.example",b.%[1]d@mail.example,NULL}`, " email 20 of 20"},
		{l.Of(catalog.Type{Family: catalog.Array, Elem: &text}), `[2:3]={{"x \"y\" %d"},{b.%[1]d@mail.example}}`, " email 10 of 20"},
		{l.Of(catalog.Type{Family: catalog.Array, Elem: &catalog.Type{Family: catalog.JSON}}), `{"{\"mail\": \"a.%d@mail.example\"}"}`, "$.mail email 10 of 10"},
		{l.Column(catalog.Hstore), `"off"=>NULL, "mail"=>"a.%d@mail.example", "n"=>NULL, "x\"y"=>"1"`, "$.mail email 10 of 10"},
		{l.Column(catalog.XML), `<p><mail kind="x">a.%d@mail.example</mail><fax/></p>`, "$.p.mail email 10 of 10"},
		{l.Of(days), "[%y-01-02,%y-03-04)", " birth_date 20 of 20"},
		{l.Of(days), "[%y-01-02,)", " birth_date 10 of 10"},
		{l.Of(catalog.Type{Family: catalog.Multirange, Elem: &days}), "{[%y-01-02,%y-03-04),[%y-05-06,infinity)}", " birth_date 30 of 30"},
		{l.Of(inner), `("a, ""b""",a.%d@mail.example)`, "$.mail email 10 of 10"},
		{l.Of(outer), `(t,"(""a, b"",a.%d@mail.example)",)`, "$.at.mail email 10 of 10"},
		{l.Of(outer), `(,,"{""mail"": ""a.%d@mail.example""}")`, "$.data.mail email 10 of 10"},
		{l.Of(catalog.Type{Family: catalog.Array, Elem: &inner}), `{"(x,a.%d@mail.example)",NULL,"(\"a, \"\"b\"\"\",b.%d@mail.example)"}`, "$.mail email 20 of 20"},
		{l.Column(catalog.Text), "7%d,x,192.0.2.%d", "$.3 ip_address 10 of 10"},
		{l.Column(catalog.Text), "7%d;192.0.2.%d\n\"8;9\";192.0.3.%d\n", "$.2 ip_address 20 of 20"},
	} {
		for i := range 10 {
			text := strings.NewReplacer("%d", fmt.Sprint(i), "%[1]d", fmt.Sprint(i), "%y", fmt.Sprint(1950+7*i)).Replace(c.text)
			c.column.Add([]byte(text))
		}
		e := c.column.Evidence()
		if len(e) != 1 || fmt.Sprintf("%s %s %d of %d", e[0].Path, e[0].Class, e[0].Hits, e[0].Looked) != c.want {
			t.Errorf("%s: %v, want %s", c.text, e, c.want)
		}
	}
	for _, empty := range []*Column{l.Of(catalog.Type{Family: catalog.Boolean}), l.Of(catalog.Type{Family: catalog.Composite, Fields: outer.Fields[:1]}), l.Of(catalog.Type{Family: catalog.Array})} {
		if empty != nil {
			t.Errorf("a type whose values say nothing has the collection %+v", empty)
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

// Texts with commas are lines of CSV only if most of them have the same number of fields, and if they are no addresses.
func TestTextsThatAreNoCSV(t *testing.T) {
	l := New(lists(), 2026)
	for _, texts := range [][]string{
		{"192.0.2.%d, and, so on", "no, 192.0.2.%d", "192.0.2.%d"},
		{"%d High Street, Boston, 192.0.2.%d"},
		{"%d, 192.0.2.%d"},
		{`"%d, x, 192.0.2.%d`},
	} {
		c := l.Column(catalog.Text)
		for i := range 60 {
			c.Add([]byte(strings.ReplaceAll(texts[i%len(texts)], "%d", fmt.Sprint(i))))
		}
		for _, e := range c.Evidence() {
			if e.Path != "" {
				t.Errorf("%q: %v", texts, e)
			}
		}
	}
}
