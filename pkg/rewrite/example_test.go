package rewrite_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
)

// Three rows of COPY text are treated in memory. These treatments need no key.
func Example() {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	row, err := rewrite.Compile(&rewrite.Layout{
		Table: catalog.Name{Schema: "public", Name: "customers"},
		Columns: []plan.Column{
			{Name: "id", Type: text, Use: transform.Use{Treatment: "keep"}},
			{Name: "name", Type: text, Use: transform.Use{Treatment: "redact"}},
			{Name: "phone", Type: text, Use: transform.Use{Treatment: "mask"}},
		},
	}, rewrite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	block := []byte("1\tAda\t+44 20 7946 0000\n2\tGrace\t\\N\n3\t\\N\t555-0100\n")
	out, err := row.Append(nil, block)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d rows\n%s", row.Rows(), out)
	// Output:
	// 3 rows
	// 1	[redacted]	****************
	// 2	[redacted]	\N
	// 3	\N	********
}
