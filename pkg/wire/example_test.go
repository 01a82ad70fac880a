package wire_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/wire"
)

// A Splitter finds the rows and cells of a block of COPY text.
func ExampleSplitter() {
	block := []byte("1\tAda\\tLovelace\n2\t\\N\n")
	splitter := wire.NewSplitter(wire.Text, 2, 2) // two columns, both reported
	cells := make([]wire.Span, splitter.Spans())
	for len(block) > 0 {
		n, err := splitter.Split(cells, block)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, cell := range cells {
			if cell.Null {
				fmt.Println("NULL")
				continue
			}
			value, err := wire.AppendUnescaped(nil, block[cell.Start:cell.End])
			fmt.Printf("%q %v\n", value, err)
		}
		block = block[n:]
	}
	// Output:
	// "1" <nil>
	// "Ada\tLovelace" <nil>
	// "2" <nil>
	// NULL
}

// A Codec turns the binary form of a value into the text that PostgreSQL prints, and back.
func ExampleCodecFor() {
	codec, ok := wire.CodecFor("date", false)
	if !ok {
		fmt.Println("dates travel as text")
		return
	}
	text, err := codec.AppendText(nil, []byte{0, 0, 0x22, 0x79}) // days since 2000-01-01
	fmt.Println(string(text), err)
	binary, err := codec.AppendBinary(nil, []byte("2000-02-01"))
	fmt.Println(binary, err)
	// Output:
	// 2024-02-29 <nil>
	// [0 0 0 31] <nil>
}
