package library_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// keys gives a keyring's functions to treatments.
type keys struct{ of *keyring.Keys }

func (k keys) Seeder(domain string) transform.Seeder { return k.of.Seeder(domain) }
func (k keys) Sealer(domain string) transform.Sealer { return k.of.Sealer(domain) }

func (k keys) Permutation(domain string, n uint64) transform.Permutation {
	return k.of.Permutation(domain, n)
}

func (k keys) Numerals(domain string, radix int) transform.Numerals {
	return k.of.Numerals(domain, radix)
}

// exampleKeys returns the keys of a public secret. Real keys come from keysource.Load or keyring.Random.
func exampleKeys() keys {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	ring, err := keyring.New(secret)
	if err != nil {
		panic(err)
	}
	return keys{ring.For("example")}
}

func textColumn(name string) transform.Column {
	return transform.Column{
		Table: catalog.Name{Schema: "public", Name: "customers"}, Name: name,
		Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text},
	}
}

// Check returns the traits of a treatment on a column. It needs no key.
func ExampleCheck() {
	traits, err := library.Check(textColumn("number"), transform.Use{Treatment: "token", Domain: "customer"})
	fmt.Println(traits.Unique, traits.Equality, traits.Discloses, err)

	_, err = library.Check(textColumn("number"), transform.Use{Treatment: "token", Params: transform.Params{"prefiks": "c_"}})
	var problem *transform.ParamError
	fmt.Println(errors.As(err, &problem), err)
	// Output:
	// true true pseudonymised <nil>
	// true prefiks: token has no such parameter (did you mean prefix?)
}

// Compile returns a Transform for one column and one goroutine. Append appends the result to dst.
func ExampleCompile() {
	to, err := library.Compile(textColumn("number"), transform.Use{Treatment: "token", Domain: "customer"}, exampleKeys())
	if err != nil {
		panic(err)
	}
	for _, in := range []transform.Cell{{Text: []byte("AC-1007")}, {Text: []byte("AC-1008")}, {Text: []byte("AC-1007")}, {Null: true}} {
		out, null, err := to.Append(nil, in, nil)
		fmt.Println(string(out), null, err)
	}
	// Output:
	// pzpryctoaol4duo7v5q4o4fzce false <nil>
	// a5ljeja4mud57izmmzcvnlod5i false <nil>
	// pzpryctoaol4duo7v5q4o4fzce false <nil>
	//  true <nil>
}

// A reversible token is opened with the key and the domain with which it was made.
func ExampleParseSealed() {
	use := transform.Use{Treatment: "reversible", Domain: "customer"}
	k := exampleKeys()
	to, err := library.Compile(textColumn("number"), use, k)
	if err != nil {
		panic(err)
	}
	token, _, err := to.Append(nil, transform.Cell{Text: []byte("AC-1007")}, nil)
	if err != nil {
		panic(err)
	}
	sealed, err := library.ParseSealed(token)
	if err != nil {
		panic(err)
	}
	for _, domain := range library.ReversibleDomains(use) {
		value, ok := k.of.Sealer(domain).Open(sealed.Body)
		fmt.Println(sealed.KeyID, string(value), ok)
	}
	// Output: 0c0579ec AC-1007 true
}

// shouted is a Transform that changes the results of another Transform. A Go program can extend the library in this
// way.
type shouted struct{ of transform.Transform }

func (s shouted) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	mark := len(dst)
	out, null, err := s.of.Append(dst, in, row)
	if err != nil || null {
		return out, null, err
	}
	for i, c := range out[mark:] {
		if 'a' <= c && c <= 'z' {
			out[mark+i] = c - 'a' + 'A'
		}
	}
	return out, false, nil
}

// A Go program can combine its own Transform with the Transforms of the library.
func Example_transform() {
	token, err := library.Compile(textColumn("number"), transform.Use{Treatment: "token", Domain: "customer"}, exampleKeys())
	if err != nil {
		panic(err)
	}
	out, _, err := shouted{token}.Append([]byte("number="), transform.Cell{Text: []byte("AC-1007")}, nil)
	fmt.Println(string(out), err)
	// Output: number=PZPRYCTOAOL4DUO7V5Q4O4FZCE <nil>
}

// inProcess runs the programs of the treatment command in this process. Any Go function can be a program.
type inProcess struct{ keys }

func (inProcess) Program(_ string, c transform.Command) transform.Program { return initials{} }

type initials struct{}

func (initials) Treat(value []byte) ([]byte, bool, error) {
	var out []byte
	for _, word := range strings.Fields(string(value)) {
		out = append(out, word[0], '.')
	}
	return out, len(out) == 0, nil
}

// If the Keys also implement Programs, they provide the programs of the treatment command. A Go function can then
// replace a process.
func Example_programs() {
	use := transform.Use{Treatment: "command", Params: transform.Params{"run": []any{"initials"}}}
	to, err := library.Compile(textColumn("name"), use, inProcess{exampleKeys()})
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"Ada King Lovelace", "A.", " "} {
		out, null, err := to.Append(nil, transform.Cell{Text: []byte(name)}, nil)
		fmt.Printf("%q %v %v\n", out, null, err)
	}
	// Output:
	// "A.K.L." false <nil>
	// "" false the program returned a value unchanged; correct the program, or set may_keep: true
	// "" true <nil>
}
