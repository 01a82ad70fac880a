package show_test

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
	"github.com/masker-project/masker/pkg/subset/show"
)

var update = flag.Bool("update", false, "write the golden files")

// drawn returns the explanation of the function explained, with three additions: a cycle, two edges between the same
// tables, and an edge inside a column.
func drawn() subset.Explanation {
	e, customers := explained(), public("customers")
	orders, items := e.Tables[3].Table, public("items")
	e.Tables[2].By = append(e.Tables[2].By, subset.Way{Edge: "parents by w", From: &orders}, subset.Way{Edge: "parents by v", From: &items, Rows: 1})
	e.Tables = append(e.Tables, subset.TableShare{Table: items, Rows: 9, Of: 99, Bytes: 99, By: []subset.Way{{Edge: "children by u", From: &orders, Rows: 9}}})
	e.Tables[3].By = append(e.Tables[3].By, subset.Way{Edge: "children by z", From: &customers, Rows: 1})
	return e
}

func picture(t *testing.T, e subset.Explanation) string {
	t.Helper()
	var b strings.Builder
	if err := show.SVG(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSVG(t *testing.T) {
	got, golden := picture(t, drawn()), filepath.Join("testdata", "subset.svg")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the picture differs from %s; look at it, and run this test with -update:\n%s", golden, got)
	}
}

// texts reads the picture as XML, and returns its texts. Only elements that masker draws may be in it.
func texts(t *testing.T, svg string) (all []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("this is not XML: %v\n%s", err, svg)
		}
		switch x := token.(type) {
		case xml.StartElement:
			if !strings.Contains(" svg defs marker path rect text title ", " "+x.Name.Local+" ") {
				t.Errorf("there is an element %s", x.Name.Local)
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(x)); text != "" {
				all = append(all, text)
			}
		}
	}
}

// A name cannot end an element, begin one, or begin an escape sequence of a terminal.
func TestNamesInAPictureAreEscaped(t *testing.T) {
	bad := "a\"'</text><script>&x;\x1b[1m\x00"
	e := subset.Explanation{Tables: []subset.TableShare{{Table: public(bad), Rows: 1, Of: 1, By: []subset.Way{{Edge: "root " + bad, Rows: 1}}}}}
	svg := picture(t, e)
	if strings.ContainsAny(svg, "\x1b\x00") {
		t.Errorf("%q", svg)
	}
	if found := strings.Join(texts(t, svg), "\n"); strings.Count(found, "</text><script>&x;") != 3 {
		t.Errorf("the texts are %q", found)
	}
}

// The same explanation gives the same bytes, and an explanation without tables gives a picture.
func TestAPictureIsDeterministic(t *testing.T) {
	for _, e := range []subset.Explanation{drawn(), {}, {Tables: []subset.TableShare{{Table: catalog.Name{Schema: "s", Name: "t"}}}}} {
		one := picture(t, e)
		if texts(t, one); strings.Contains(one, "width=\"0\"") {
			t.Errorf("a box has no width: %s", one)
		}
		for range 20 {
			if picture(t, e) != one {
				t.Fatal("the picture differs from the one before")
			}
		}
	}
}
