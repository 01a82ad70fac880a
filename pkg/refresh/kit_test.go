package refresh

import (
	"encoding/binary"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

func testKeys(t testing.TB) *keyring.Keys {
	t.Helper()
	r, err := keyring.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return r.For("staging")
}

func typ(base string, f catalog.Family) catalog.Type {
	t := catalog.Type{Name: base, Base: base, Family: f, Binary: true}
	switch base {
	case "int2":
		t.Bits = 16
	case "int4":
		t.Bits = 32
	case "int8":
		t.Bits = 64
	}
	return t
}

// col is a column under a treatment, with what plan would have filled in.
func col(t testing.TB, name, base string, f catalog.Family, u transform.Use) plan.Column {
	t.Helper()
	c := plan.Column{Name: name, Type: typ(base, f), Use: u}
	if u.Treatment == keep {
		return c
	}
	traits, err := library.Check(transform.Column{Name: name, Type: c.Type}, u)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c.Needs = traits.Needs
	return c
}

func kept(t testing.TB, name, base string, f catalog.Family) plan.Column {
	return col(t, name, base, f, transform.Use{Treatment: keep})
}

func use(treatment string) transform.Use {
	return transform.Use{Treatment: treatment, Domain: "d"}
}

// shop is a table with most types: half of its columns are treated.
func shop(t testing.TB) []plan.Column {
	id := typ("int8", catalog.Integer)
	person := transform.Use{Treatment: "fake.full_name", Domain: "person", Subject: "id", SubjectType: &id, As: "person"}
	address := transform.Use{Treatment: "fake.email", Domain: "person", Subject: "id", SubjectType: &id, As: "person"}
	days := transform.Use{Treatment: "shift", Domain: "person", Subject: "id", SubjectType: &id}
	ids := transform.Use{Treatment: "token", Domain: "ids", Params: transform.Params{"range": []any{int64(0), int64(1 << 30)}}}
	return []plan.Column{
		kept(t, "id", "int8", catalog.Integer),
		col(t, "name", "text", catalog.Text, person),
		col(t, "email", "text", catalog.Text, address),
		kept(t, "since", "timestamptz", catalog.TimestampTZ),
		col(t, "birthday", "date", catalog.Date, days),
		col(t, "seen", "timestamptz", catalog.TimestampTZ, days),
		kept(t, "score", "float8", catalog.Float),
		col(t, "phone", "varchar", catalog.Text, use("mask")),
		col(t, "number", "int4", catalog.Integer, ids),
		kept(t, "note", "text", catalog.Text),
		kept(t, "data", "jsonb", catalog.JSON),
		col(t, "secret", "bytea", catalog.Bytes, use("null")),
		col(t, "balance", "numeric", catalog.Numeric, use("redact")),
		col(t, "ref", "uuid", catalog.UUID, use("token")),
		col(t, "tag", "text", catalog.Text, transform.Use{Treatment: "constant", Params: transform.Params{"value": "a\tb\\N\n"}}),
		kept(t, "state", "text", catalog.Text),
		kept(t, "flag", "bool", catalog.Boolean),
		kept(t, "small", "int2", catalog.Integer),
		kept(t, "ratio", "float4", catalog.Float),
		col(t, "token", "text", catalog.Text, use("token")),
	}
}

// row is what a row of shop looks like in text; nil is NULL.
func shopRow() [][]byte {
	row := [][]byte{}
	for _, s := range []string{
		"42", "Ann\tDoe", `ann\doe@example.org`, "2020-02-29 12:00:00+00", "1999-12-31", "2024-05-06 07:08:09.5+00", "1.5", "+49 170 123",
		"12345", `\N is not null`, `{"a": 1}`, `\x00ff`, "-12.50", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "x", "new\nline", "t", "-7", "0.25", "tok",
	} {
		row = append(row, []byte(s))
	}
	return row
}

func testLayout(f wire.Format, columns []plan.Column) *layout {
	return &layout{table: catalog.Name{Schema: "public", Name: "customers"}, columns: columns, format: f}
}

func testRewriter(t testing.TB, f wire.Format, columns []plan.Column) *rewriter {
	t.Helper()
	r, err := compile(testLayout(f, columns), DefaultMaxRow, newKeys(testKeys(t), nil))
	if err != nil {
		t.Fatal(err)
	}
	if r != nil {
		r.begin()
	}
	return r
}

// encode lays rows of text out in a format.
func encode(t fataler, f wire.Format, columns []plan.Column, rows ...[][]byte) []byte {
	var b []byte
	for _, row := range rows {
		if f == wire.Binary {
			b = binary.BigEndian.AppendUint16(b, uint16(len(row)))
		}
		for i, text := range row {
			b = encodeCell(t, b, f, columns[i].Type, text, i > 0)
		}
		if f == wire.Text {
			b = append(b, '\n')
		}
	}
	return b
}

func encodeCell(t fataler, b []byte, f wire.Format, typ catalog.Type, text []byte, tab bool) []byte {
	if f == wire.Text {
		if tab {
			b = append(b, '\t')
		}
		if text == nil {
			return append(b, wire.NullText...)
		}
		return wire.AppendEscaped(b, text)
	}
	if text == nil {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	codec, _ := codecOf(typ)
	bin, err := codec.AppendBinary(nil, text)
	if err != nil {
		t.Fatalf("%s %q: %v", typ.Name, text, err)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(bin))), bin...)
}

type fataler interface{ Fatalf(string, ...any) }

// decode reads rows back as text.
func decode(t fataler, f wire.Format, columns []plan.Column, b []byte) [][][]byte {
	var rows [][][]byte
	s, spans := wire.NewSplitter(f, len(columns), len(columns)), make([]wire.Span, len(columns))
	for len(b) > 0 {
		n, err := s.Split(spans, b)
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		row := make([][]byte, len(columns))
		for i, span := range spans {
			if span.Null {
				continue
			}
			codec, _ := codecOf(columns[i].Type)
			read := codec.AppendText
			if f == wire.Text {
				read = wire.AppendUnescaped
			}
			if row[i], err = read([]byte{}, b[span.Start:span.End]); err != nil {
				t.Fatalf("%s: %v", columns[i].Name, err)
			}
		}
		rows, b = append(rows, row), b[n:]
	}
	return rows
}

var formats = []wire.Format{wire.Text, wire.Binary}
