package subset_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
)

// The caller of Run executes the searches. Here, a map has the rows that a server would find.
func Example() {
	orders, customers := catalog.Name{Schema: "public", Name: "orders"}, catalog.Name{Schema: "public", Name: "customers"}
	db := &catalog.Database{Tables: []*catalog.Table{
		{Name: customers, Columns: []catalog.Column{{Name: "id"}}},
		{Name: orders, Columns: []catalog.Column{{Name: "id"}, {Name: "customer"}}},
	}}
	found := map[catalog.Name]catalog.Position{orders: 7, customers: 3}
	s, err := subset.New(subset.Definition{Roots: []subset.Root{{Table: orders, Column: "id", Values: []string{"42"}}}}, subset.Input{
		Database:   db,
		References: []subset.Reference{{Child: orders, ChildColumns: []string{"customer"}, Parent: customers, ParentColumns: []string{"id"}}},
		Skipped:    func(catalog.Name) bool { return false },
		Seed:       func(catalog.Name) int64 { return 0 },
		Indexed:    func(catalog.Name, []string) bool { return true },
	})
	if err != nil {
		panic(err)
	}
	err = s.Run(func(search catalog.Search, add func(catalog.Found) error) error {
		return add(catalog.Found{Table: search.Table, At: found[search.Table]})
	})
	for _, e := range s.Edges() {
		fmt.Println(e.Rows, e)
	}
	fmt.Println(err)
	// Output:
	// 1 root public.orders by key id
	// 1 parents by public.orders (customer) → public.customers (id)
	// <nil>
}
