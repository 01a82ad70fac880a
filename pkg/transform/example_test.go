package transform_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/transform"
)

// login makes an e-mail address from the login name in the same row. NULL stays NULL.
type login struct{}

func (login) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	name := row.Cell(0)
	if name.Null {
		return dst, false, &transform.Error{Code: "no-login", Text: "the row has no login name"}
	}
	dst = append(dst, name.Text...)
	return append(dst, "@staging.example"...), false, nil
}

// other is a row of the other columns that a Transform reads.
type other []transform.Cell

func (o other) Cell(i int) transform.Cell { return o[i] }

// Any Go type with the method Append is a Transform. Append receives a cell and the other columns of its row.
func ExampleTransform() {
	var to transform.Transform = login{}
	address := transform.Cell{Text: []byte("ada@acme.example")}
	for _, row := range []struct{ address, login transform.Cell }{
		{address, transform.Cell{Text: []byte("u1007")}},
		{transform.Cell{Null: true}, transform.Cell{Text: []byte("u1008")}},
		{address, transform.Cell{Null: true}},
	} {
		out, null, err := to.Append(nil, row.address, other{row.login})
		fmt.Printf("%q %v %v\n", out, null, err)
	}
	// Output:
	// "u1007@staging.example" false <nil>
	// "" true <nil>
	// "" false the row has no login name
}
