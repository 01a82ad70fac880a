package show_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
	"github.com/masker-project/masker/pkg/subset/show"
)

func public(name string) catalog.Name { return catalog.Name{Schema: "public", Name: name} }

func explained() subset.Explanation {
	orders := public("orders")
	return subset.Explanation{
		Tables: []subset.TableShare{
			{Table: public("audit"), Of: 7},
			{Table: public("countries"), Whole: true, Rows: 5, Of: 5, Bytes: 8192},
			{Table: public("customers"), Rows: 2, Of: 4000, Bytes: 1500, By: []subset.Way{{Edge: "parents by x", From: &orders, Rows: 2, Searches: 3, Scans: true}}},
			{Table: orders, Rows: 3, Of: 1200, Bytes: 900, By: []subset.Way{{Edge: "root public.orders by key id", Rows: 3, Searches: 1}, {Edge: "children by y", From: &orders, Searches: 1}}},
		},
		Chain: []string{"parents by x", "root public.orders by key id"},
	}
}

func Example() {
	if err := show.Text(os.Stdout, explained()); err != nil {
		fmt.Println(err)
	}
	if err := show.Mermaid(os.Stdout, explained()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// TABLE             ROWS  OF ABOUT  SIZE
	// public.audit      0     7         0 kB
	// public.countries  5     5         9 kB
	// public.customers  2     4,000     2 kB
	// public.orders     3     1,200     1 kB
	// all               10    5,212     11 kB
	//
	// public.countries
	//   the whole table
	//
	// public.customers
	//   2 rows: parents by x
	//     no index finds them: 3 scans of the whole table
	//
	// public.orders
	//   3 rows: root public.orders by key id
	//
	// empty in the target, because nothing in the subset leads to a row: public.audit
	//
	// the row is in the subset by
	//   parents by x
	//   root public.orders by key id
	// graph LR
	//   t0["public.audit<br>0 of 7"]
	//   t1["public.countries<br>5 of 5"]
	//   t2["public.customers<br>2 of 4,000"]
	//   t3["public.orders<br>3 of 1,200"]
	//   t3 -->|2| t2
	//   r3_0(["root public.orders by key id"]) -->|3| t3
	//   t3 -->|0| t3
}

// A name cannot end the text of a label, or begin an escape sequence of a terminal.
func TestNamesAreEscaped(t *testing.T) {
	e := subset.Explanation{Tables: []subset.TableShare{{Table: public("a\"]<b>#\x1b[1m"), Of: 1}}}
	for what, print := range map[string]func(b *strings.Builder) error{
		"text":    func(b *strings.Builder) error { return show.Text(b, e) },
		"mermaid": func(b *strings.Builder) error { return show.Mermaid(b, e) },
	} {
		var b strings.Builder
		if err := print(&b); err != nil || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%s: %q, %v", what, b.String(), err)
		}
		if what == "mermaid" && (strings.Count(b.String(), `"`) != 2 || strings.Contains(b.String(), "<b>")) {
			t.Errorf("the graph is %q", b.String())
		}
	}
}
