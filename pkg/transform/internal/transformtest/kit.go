// Package transformtest holds what the tests of treatments share: keys, types, rows and difficult values.
package transformtest

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// ringKeys gives a keyring's functions to treatments.
type ringKeys struct{ of *keyring.Keys }

func (k ringKeys) Seeder(domain string) transform.Seeder { return k.of.Seeder(domain) }

func (k ringKeys) Sealer(domain string) transform.Sealer { return k.of.Sealer(domain) }

func (k ringKeys) Permutation(domain string, n uint64) transform.Permutation {
	return k.of.Permutation(domain, n)
}

func (k ringKeys) Numerals(domain string, radix int) transform.Numerals {
	return k.of.Numerals(domain, radix)
}

// Keys returns the library's example keys. Their secret has the bytes 0 to 31, and their environment is "example".
func Keys(t testing.TB) transform.Keys { return KeysFor(t, 0, "example") }

// KeysFor returns keys for an environment. The argument first is the first byte of the secret.
func KeysFor(t testing.TB, first byte, environment string) transform.Keys {
	t.Helper()
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = first + byte(i)
	}
	r, err := keyring.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	return ringKeys{r.For(environment)}
}

// Siblings is a Row of texts. A nil text is NULL.
type Siblings [][]byte

func (s Siblings) Cell(i int) transform.Cell { return transform.Cell{Text: s[i], Null: s[i] == nil} }

// Row returns a row of these texts.
func Row(texts ...string) Siblings {
	var s Siblings
	for _, t := range texts {
		s = append(s, []byte(t))
	}
	return s
}

// Column returns a column of a type.
func Column(t catalog.Type) transform.Column {
	return transform.Column{Table: catalog.Name{Schema: "public", Name: "t"}, Name: "c", Type: t}
}

// Compile compiles a treatment with Keys.
func Compile(t testing.TB, typ catalog.Type, u transform.Use) transform.Transform {
	t.Helper()
	tr, err := library.Compile(Column(typ), u, Keys(t))
	if err != nil {
		t.Fatalf("%s on %s: %v", u.Treatment, typ.Name, err)
	}
	return tr
}

// Run treats one text and returns the result. It fails the test if the result is NULL or an error.
func Run(t testing.TB, tr transform.Transform, in string, r transform.Row) string {
	t.Helper()
	out, null, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, r)
	if err != nil || null {
		t.Fatalf("%q: null %v, error %v", in, null, err)
	}
	return string(out)
}

// ArrayOf returns the array type of an element type.
func ArrayOf(elem catalog.Type) catalog.Type {
	return catalog.Type{Name: elem.Name + "[]", Base: "_" + elem.Base, Family: catalog.Array, Elem: &elem}
}

func typeOf(f catalog.Family, base string) catalog.Type {
	return catalog.Type{Name: base, Base: base, Family: f}
}

var (
	Text    = treatment.TextType(0)
	Citext  = catalog.Type{Name: "citext", Base: "citext", Family: catalog.Text, CaseInsensitive: true}
	Bpchar  = catalog.Type{Name: "character(8)", Base: "bpchar", Family: catalog.Text, MaxLen: 8, Padded: true}
	Int2    = catalog.Type{Name: "smallint", Base: "int2", Family: catalog.Integer, Bits: 16}
	Int4    = treatment.IDType()
	Int8    = catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	Numeric = typeOf(catalog.Numeric, "numeric")
	Money   = catalog.Type{Name: "numeric(10,2)", Base: "numeric", Family: catalog.Numeric, Precision: 10, Scale: 2}
	Float   = typeOf(catalog.Float, "float8")
	Bool    = typeOf(catalog.Boolean, "bool")
	UUID    = typeOf(catalog.UUID, "uuid")
	Date    = typeOf(catalog.Date, "date")
	Stamp   = typeOf(catalog.Timestamp, "timestamp")
	StampTZ = typeOf(catalog.TimestampTZ, "timestamptz")
	JSONB   = typeOf(catalog.JSON, "jsonb")
	Bytes   = typeOf(catalog.Bytes, "bytea")
	Inet    = typeOf(catalog.Inet, "inet")
	Enum    = catalog.Type{Name: "public.mood", Base: "mood", Family: catalog.Enum, Labels: []string{"sad", "ok", "happy"}}
	Other   = typeOf(catalog.Other, "tsvector")
)

// Program implements Programs. Every program reverses texts.
func (k ringKeys) Program(string, transform.Command) transform.Program { return reverser{} }

type reverser struct{}

func (reverser) Treat(value []byte) ([]byte, bool, error) {
	out := []rune(string(value))
	slices.Reverse(out)
	return []byte(string(out)), false, nil
}
