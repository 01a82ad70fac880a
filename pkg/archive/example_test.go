package archive_test

import (
	"bytes"
	"fmt"
	"io"

	"github.com/masker-project/masker/pkg/archive"
)

// shopDump returns an archive of a small shop, as pg_dump -Fc --schema-only would write it.
func shopDump() []byte {
	w := &writer{minor: 16, intSize: 4, offSize: 8}
	entries := []archive.Entry{
		{ID: 1, Desc: "TABLE", Tag: "customers", Namespace: "public", Section: archive.PreData, Defn: "CREATE TABLE public.customers (id bigint);\n"},
		{ID: 2, Desc: "TABLE", Tag: "orders", Namespace: "public", Section: archive.PreData, Defn: "CREATE TABLE public.orders (customer_id bigint);\n"},
		{ID: 3, Desc: "FK CONSTRAINT", Tag: "orders customer", Namespace: "public", Section: archive.PostData, Deps: []int{1, 2}},
	}
	w.head(len(entries))
	for _, e := range entries {
		w.entry(e)
	}
	return w.buf
}

// The example reads an archive of pg_dump. It prints for each object when it is made and which objects it needs, and
// the SQL of the first object.
func ExampleOpen() {
	dump := shopDump()
	a, err := archive.Open(bytes.NewReader(dump), int64(len(dump)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("database", a.Database)
	for _, e := range a.Entries {
		fmt.Println(e.Section, e.Desc, e.Tag, e.Deps)
	}
	fmt.Print(a.Entries[0].Defn)
	// Output:
	// database shop
	// pre-data TABLE customers []
	// pre-data TABLE orders []
	// post-data FK CONSTRAINT orders customer [1 2]
	// CREATE TABLE public.customers (id bigint);
}

// An archive that was written to a pipe does not say where its data is. Locate finds the data of all tables, and Data
// then reads the data of one table.
func ExampleFile_Data() {
	dump := dump(1, true, block{1, 4, deflated("1\tAda\n\\.\n\n\n", 100)}) // as pg_dump -Fc writes it
	f, err := archive.Open(bytes.NewReader(dump), int64(len(dump)))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := f.Locate(); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range f.Entries {
		if !e.HasData {
			continue
		}
		r, err := f.Data(e)
		if err != nil {
			fmt.Println(err)
			return
		}
		rows, err := io.ReadAll(r)
		fmt.Printf("%s %q %v\n", e.Desc, rows, err)
	}
	// Output: TABLE DATA "1\tAda\n\\.\n\n\n" <nil>
}
