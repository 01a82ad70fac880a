package catalog_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// A fingerprint shows whether the shape of a database has changed. More rows do not change it.
func ExampleDatabase_Fingerprint() {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	customers := &catalog.Table{
		Name:    catalog.Name{Schema: "public", Name: "customers"},
		Columns: []catalog.Column{{Name: "email", Type: text}},
	}
	db := &catalog.Database{Tables: []*catalog.Table{customers}}
	before := db.Fingerprint()

	customers.Size.Rows = 1_000_000
	fmt.Println("the same with more rows:", db.Fingerprint() == before)

	customers.Columns = append(customers.Columns, catalog.Column{Name: "phone", Type: text})
	fmt.Println("the same with another column:", db.Fingerprint() == before)
	// Output:
	// the same with more rows: true
	// the same with another column: false
}

// ParseName reads a name as SQL does. String writes it with quotes if SQL needs them.
func ExampleParseName() {
	for _, text := range []string{"public.Customers", `sales."Order"`} {
		name, err := catalog.ParseName(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s has schema %s and table %s\n", name, name.Schema, name.Name)
	}
	// Output:
	// public.customers has schema public and table customers
	// sales."Order" has schema sales and table Order
}
