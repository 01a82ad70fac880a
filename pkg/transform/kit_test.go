package transform

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
)

// ringKeys gives transforms a keyring's functions, as package refresh does.
type ringKeys struct{ of *keyring.Keys }

func (k ringKeys) Seeder(domain string) Seeder { return k.of.Seeder(domain) }

func (k ringKeys) Sealer(domain string) Sealer { return k.of.Sealer(domain) }

func (k ringKeys) Permutation(domain string, n uint64) Permutation {
	return k.of.Permutation(domain, n)
}

func (k ringKeys) Numerals(domain string, radix int) Numerals { return k.of.Numerals(domain, radix) }

// testKeys are the library's example keys: a secret of the bytes 0 to 31, environment "example".
func testKeys(t testing.TB) Keys { return keysFor(t, 0, "example") }

func keysFor(t testing.TB, first byte, environment string) Keys {
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

// siblings is a Row of texts; nil is NULL.
type siblings [][]byte

func (s siblings) Cell(i int) Cell { return Cell{Text: s[i], Null: s[i] == nil} }

func row(texts ...string) siblings {
	var s siblings
	for _, t := range texts {
		s = append(s, []byte(t))
	}
	return s
}

func column(t catalog.Type) Column {
	return Column{Table: catalog.Name{Schema: "public", Name: "t"}, Name: "c", Type: t}
}

func compile(t testing.TB, typ catalog.Type, u Use) Transform {
	t.Helper()
	tr, err := Compile(column(typ), u, testKeys(t))
	if err != nil {
		t.Fatalf("%s on %s: %v", u.Treatment, typ.Name, err)
	}
	return tr
}

// run treats one text and wants a result that is not NULL.
func run(t testing.TB, tr Transform, in string, r Row) string {
	t.Helper()
	out, null, err := tr.Append(nil, Cell{Text: []byte(in)}, r)
	if err != nil || null {
		t.Fatalf("%q: null %v, error %v", in, null, err)
	}
	return string(out)
}

func arrayOf(elem catalog.Type) catalog.Type {
	return catalog.Type{Name: elem.Name + "[]", Base: "_" + elem.Base, Family: catalog.Array, Elem: &elem}
}

func typeOf(f catalog.Family, base string) catalog.Type {
	return catalog.Type{Name: base, Base: base, Family: f}
}

var (
	tText    = textType(0)
	tCitext  = catalog.Type{Name: "citext", Base: "citext", Family: catalog.Text, CaseInsensitive: true}
	tBpchar  = catalog.Type{Name: "character(8)", Base: "bpchar", Family: catalog.Text, MaxLen: 8, Padded: true}
	tInt2    = catalog.Type{Name: "smallint", Base: "int2", Family: catalog.Integer, Bits: 16}
	tInt4    = idType()
	tInt8    = catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	tNumeric = typeOf(catalog.Numeric, "numeric")
	tMoney   = catalog.Type{Name: "numeric(10,2)", Base: "numeric", Family: catalog.Numeric, Precision: 10, Scale: 2}
	tFloat   = typeOf(catalog.Float, "float8")
	tBool    = typeOf(catalog.Boolean, "bool")
	tUUID    = typeOf(catalog.UUID, "uuid")
	tDate    = typeOf(catalog.Date, "date")
	tStamp   = typeOf(catalog.Timestamp, "timestamp")
	tStampTZ = typeOf(catalog.TimestampTZ, "timestamptz")
	tJSONB   = typeOf(catalog.JSON, "jsonb")
	tBytes   = typeOf(catalog.Bytes, "bytea")
	tInet    = typeOf(catalog.Inet, "inet")
	tEnum    = catalog.Type{Name: "public.mood", Base: "mood", Family: catalog.Enum, Labels: []string{"sad", "ok", "happy"}}
	tOther   = typeOf(catalog.Other, "tsvector")
)

// Program implements Programs: every program turns texts round.
func (k ringKeys) Program(string, Command) Program { return turner{} }

type turner struct{}

func (turner) Treat(value []byte) ([]byte, bool, error) {
	out := []rune(string(value))
	slices.Reverse(out)
	return []byte(string(out)), false, nil
}
