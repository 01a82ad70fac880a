// Package rewritetest makes treated columns and rows in both formats of COPY. It is for tests only.
package rewritetest

import (
	"encoding/binary"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

// Formats lists both formats of COPY.
func Formats() []wire.Format { return []wire.Format{wire.Text, wire.Binary} }

// Keys returns the keys of one environment. They are the same on every call.
func Keys(t Fataler) *keyring.Keys {
	r, err := keyring.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return r.For("staging")
}

// Type returns one of PostgreSQL's own types.
func Type(base string, f catalog.Family) catalog.Type {
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

// Column returns a column with a treatment. It fills in Needs, as package plan does.
func Column(t Fataler, name, base string, f catalog.Family, u transform.Use) plan.Column {
	c := plan.Column{Name: name, Type: Type(base, f), Use: u}
	if u.Treatment == "keep" {
		return c
	}
	traits, err := library.Check(transform.Column{Name: name, Type: c.Type}, u)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c.Needs = traits.Needs
	return c
}

// Kept returns a column that is kept.
func Kept(t Fataler, name, base string, f catalog.Family) plan.Column {
	return Column(t, name, base, f, transform.Use{Treatment: "keep"})
}

// Use returns a treatment without parameters.
func Use(treatment string) transform.Use {
	return transform.Use{Treatment: treatment, Domain: "d"}
}

// Shop returns the columns of a table. They have most of the types that package wire decodes. 11 of its 20 columns are
// treated.
func Shop(t Fataler) []plan.Column {
	id := Type("int8", catalog.Integer)
	person := transform.Use{Treatment: "fake.full_name", Domain: "person", Subject: "id", SubjectType: &id, As: "person"}
	address := transform.Use{Treatment: "fake.email", Domain: "person", Subject: "id", SubjectType: &id, As: "person"}
	days := transform.Use{Treatment: "shift", Domain: "person", Subject: "id", SubjectType: &id}
	ids := transform.Use{Treatment: "token", Domain: "ids", Params: transform.Params{"range": []any{int64(0), int64(1 << 30)}}}
	return []plan.Column{
		Kept(t, "id", "int8", catalog.Integer),
		Column(t, "name", "text", catalog.Text, person),
		Column(t, "email", "text", catalog.Text, address),
		Kept(t, "since", "timestamptz", catalog.TimestampTZ),
		Column(t, "birthday", "date", catalog.Date, days),
		Column(t, "seen", "timestamptz", catalog.TimestampTZ, days),
		Kept(t, "score", "float8", catalog.Float),
		Column(t, "phone", "varchar", catalog.Text, Use("mask")),
		Column(t, "number", "int4", catalog.Integer, ids),
		Kept(t, "note", "text", catalog.Text),
		Kept(t, "data", "jsonb", catalog.JSON),
		Column(t, "secret", "bytea", catalog.Bytes, Use("null")),
		Column(t, "balance", "numeric", catalog.Numeric, Use("redact")),
		Column(t, "ref", "uuid", catalog.UUID, Use("token")),
		Column(t, "tag", "text", catalog.Text, transform.Use{Treatment: "constant", Params: transform.Params{"value": "a\tb\\N\n"}}),
		Kept(t, "state", "text", catalog.Text),
		Kept(t, "flag", "bool", catalog.Boolean),
		Kept(t, "small", "int2", catalog.Integer),
		Kept(t, "ratio", "float4", catalog.Float),
		Column(t, "token", "text", catalog.Text, Use("token")),
	}
}

// ShopRow returns a row of Shop as text. A nil cell is NULL.
func ShopRow() [][]byte {
	row := [][]byte{}
	for _, s := range []string{
		"42", "Ann\tDoe", `ann\doe@example.org`, "2020-02-29 12:00:00+00", "1999-12-31", "2024-05-06 07:08:09.5+00", "1.5", "+49 170 123",
		"12345", `\N is not null`, `{"a": 1}`, `\x00ff`, "-12.50", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "x", "new\nline", "t", "-7", "0.25", "tok",
	} {
		row = append(row, []byte(s))
	}
	return row
}

// Fataler is the part of testing.TB that this package uses.
type Fataler interface{ Fatalf(string, ...any) }

// Encode encodes rows, whose cells are given as text, in a format of COPY.
func Encode(t Fataler, f wire.Format, columns []plan.Column, rows ...[][]byte) []byte {
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

func encodeCell(t Fataler, b []byte, f wire.Format, typ catalog.Type, text []byte, tab bool) []byte {
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
	bin, err := codecOf(typ).AppendBinary(nil, text)
	if err != nil {
		t.Fatalf("%s %q: %v", typ.Name, text, err)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(bin))), bin...)
}

// Decode reads rows in a format of COPY and returns their cells as text.
func Decode(t Fataler, f wire.Format, columns []plan.Column, b []byte) [][][]byte {
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
			read := codecOf(columns[i].Type).AppendText
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

func codecOf(t catalog.Type) wire.Codec {
	c, _ := wire.CodecFor(t.Base, t.Family == catalog.Enum)
	return c
}
