package probe

import (
	"bytes"
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// fuzzed returns types with all decoders.
func fuzzed() []catalog.Type {
	text := catalog.Type{Family: catalog.Text, Binary: true}
	array := catalog.Type{Family: catalog.Array, Elem: &text}
	list := []catalog.Type{text, array, {Family: catalog.JSON, Base: "jsonb"}, {Family: catalog.JSON, Base: "json"}, {Family: catalog.Hstore}, {Family: catalog.Other}}
	for _, f := range []catalog.Family{catalog.Bytes, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Inet, catalog.MAC, catalog.Date} {
		list = append(list, catalog.Type{Family: f})
		list = append(list, catalog.Type{Family: catalog.Array, Elem: &list[len(list)-1]})
	}
	pair := catalog.Type{Family: catalog.Composite, Fields: []catalog.Field{{Name: "a", Type: text}, {Name: "b", Type: array}, {Name: "c", Type: list[2]}}}
	return append(list, pair, catalog.Type{Family: catalog.Array, Elem: &pair}, catalog.Type{Family: catalog.Composite})
}

// FuzzDecoders gives any bytes to every decoder. If a value does not have the form of its type, the decoder returns
// an error, and it can be used again.
func FuzzDecoders(f *testing.F) {
	for _, s := range shapes() {
		f.Add([]byte(s.value))
	}
	for _, s := range []string{
		`{1,NULL,"a \"b\""}`, `[2:3]={a,b}`, `{{"`, `(1,,"a ""b""")`, `("`, `"k"=>"v", "k"=>NULL`, `"k"=>`, `\x00ff`, `\x0`, `{"a":["b\u00e9"]}`, "",
		"\x00\x00\x00\x03\x00\x00\x00\x19\x00\x00\x00\x01x\x00\x00\x00\x19\xff\xff\xff\xff\x00\x00\x00\x19\x00\x00\x00\x02\x01[",
		"\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x19", "\x00\x01\x7f\xff\x00\x00\x00\x00\x00\x01", "\x02\x20\x00\x10",
	} {
		f.Add([]byte(s))
	}
	types := fuzzed()
	f.Fuzz(func(t *testing.T, value []byte) {
		p := newLooking("x").Prober()
		before := bytes.Clone(value)
		for _, typ := range types {
			for _, binary := range []bool{true, false} {
				d, _ := decoderFor(p, at, typ, binary)
				for range 2 {
					var known Error
					if err := d.read(value); err != nil && !errors.As(err, &known) {
						t.Fatalf("%s: %v", typ.Family, err)
					}
				}
				if !bytes.Equal(value, before) {
					t.Fatalf("%s: the value was changed", typ.Family)
				}
			}
		}
		p.Row(nil)
	})
}

// FuzzUnescaped compares the removal of COPY's escapes with their addition.
func FuzzUnescaped(f *testing.F) {
	for _, s := range []string{"a\tb", `\`, "\\N", "\b\f\n\r\t\v\\", "é\xff"} {
		f.Add([]byte(s))
	}
	letters := map[byte]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\'}
	f.Fuzz(func(t *testing.T, value []byte) {
		var raw []byte
		for _, c := range value {
			if letter := letters[c]; letter != 0 {
				raw = append(raw, '\\', letter)
			} else {
				raw = append(raw, c)
			}
		}
		if got, _ := unescaped(nil, raw); !bytes.Equal(got, value) {
			t.Fatalf("%q: got %q", value, got)
		}
		unescaped(nil, value) // any bytes
	})
}

// FuzzMostDigits checks that mostDigits is never lower than the number of digits of the text. The probe does not look
// up a numeric that cannot have enough digits, so a result that is too low would hide a match.
func FuzzMostDigits(f *testing.F) {
	for _, s := range []string{"", shapes()["decimal"].value, "\x00\x00\xff\xfc\x00\x00\x00\x09", "\x00\x01\x00\x01\x40\x00\x00\x00\x04\xd2", "\x00\x00\x00\x00\xc0\x00\x00\x00", "\x00\x01\xff\xff\x00\x00\x00\x04\x00\x07"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if text, err := appendNumeric(nil, value); err == nil && digits(text) > mostDigits(value) {
			t.Fatalf("%x: %s has more than %d digits", value, text, mostDigits(value))
		} else if err != nil && mostDigits(value) < leastDigits {
			t.Fatalf("%x: the value is not decoded, but the error is %v", value, err)
		}
	})
}
