package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/masker-project/masker/pkg/wire"
)

var bases = []string{
	"text", "jsonb", "int2", "int4", "int8", "bool", "uuid", "bytea", "numeric", "float4", "float8", "date", "timestamp", "timestamptz",
}

// code fails the test unless the error is one of this package's errors. These errors contain no bytes of the input.
func code(t *testing.T, err error) {
	var known wire.Error
	if !errors.As(err, &known) {
		t.Fatalf("%T is no code", err)
	}
}

func FuzzDecode(f *testing.F) {
	for i, text := range []string{"x", "{}", "7", "-7", "8", "t", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `\x00`, "-12.5", "1e23", "1.5", "infinity", "2024-05-06 07:08:09", "0044-03-15 00:00:00+00 BC"} {
		bin, err := mustCodec(bases[i]).AppendBinary(nil, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, bin)
	}
	f.Add(8, []byte{0, 0, 0x7f, 0xff, 0x40, 0, 0x3f, 0xff})
	f.Fuzz(func(t *testing.T, which int, bin []byte) {
		c := mustCodec(bases[uint(which)%uint(len(bases))])
		text, err := c.AppendText(nil, bin)
		if err != nil {
			code(t, err)
			return
		}
		// A decoded text must encode again, and then decode to the same text. The encoded bytes may differ from the
		// bytes that were decoded first.
		back, err := c.AppendBinary(nil, text)
		if err != nil {
			code(t, err)
			if len(text) < 10000 {
				t.Fatalf("%x prints as %q, which does not read: %v", bin, text, err)
			}
			return
		}
		again, err := c.AppendText(nil, back)
		if err != nil || !bytes.Equal(again, text) {
			if string(text) == "-0" || bytes.HasPrefix(text, []byte("-0.")) || bytes.HasPrefix(text, []byte("-")) && len(bytes.Trim(text, "-0.")) == 0 {
				return // numeric has no negative zero
			}
			t.Fatalf("%x prints as %q, then as %q (%v)", bin, text, again, err)
		}
	})
}

func FuzzEncode(f *testing.F) {
	for i, text := range []string{"x", "{}", "7", "-7", "8", "t", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", `\x00`, "-12.5e-3", "1e23", "1.5", "infinity", "2024-05-06T07:08:09.5", "0044-03-15 00:00:00+01:30 BC"} {
		f.Add(i, []byte(text))
	}
	f.Fuzz(func(t *testing.T, which int, text []byte) {
		c := mustCodec(bases[uint(which)%uint(len(bases))])
		bin, err := c.AppendBinary(nil, text)
		if err != nil {
			code(t, err)
			return
		}
		printed, err := c.AppendText(nil, bin)
		if err != nil {
			t.Fatalf("%q encodes to %x, which does not decode: %v", text, bin, err)
		}
		if same, err := c.AppendBinary(nil, printed); err != nil || !bytes.Equal(same, bin) {
			t.Fatalf("%q encodes to %x, prints as %q, encodes to %x (%v)", text, bin, printed, same, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, format := range []wire.Format{wire.Text, wire.Binary} {
		f.Add(uint8(format), uint8(3), uint8(2), block(format, []cell{cell("a"), nil, cell("tab\t")}, []cell{cell("0123456789"), cell(""), nil}))
	}
	f.Fuzz(func(t *testing.T, format, columns, wanted uint8, b []byte) {
		s := wire.NewSplitter(wire.Format(format%2), int(columns), int(wanted))
		spans := make([]wire.Span, s.Spans())
		rows := int64(0)
		for len(b) > 0 {
			n, err := s.Split(spans, b)
			if err != nil {
				code(t, err)
				return
			}
			if n <= 0 || n > len(b) {
				t.Fatalf("a row of %d bytes in %d", n, len(b))
			}
			at := 0
			for _, span := range spans {
				if span.Lead < at || span.Start < span.Lead || span.End < span.Start || span.End > n {
					t.Fatalf("span %+v after %d in a row of %d", span, at, n)
				}
				at = span.End
			}
			if count, err := s.Count(b[:n]); err != nil || count != 1 {
				t.Fatalf("one row counts as %d (%v)", count, err)
			}
			b = b[n:]
			rows++
		}
	})
}

func FuzzUnescape(f *testing.F) {
	f.Add([]byte(`a\tb\\\N\x41\101`))
	f.Add([]byte(`\`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		value, err := wire.AppendUnescaped(nil, raw)
		if err != nil {
			code(t, err)
		} else if !wire.Escaped(raw) && !bytes.Equal(value, raw) {
			t.Fatalf("%q reads as %q", raw, value)
		}
		escaped := wire.AppendEscaped(nil, raw)
		if bytes.ContainsAny(escaped, "\t\n\r") {
			t.Fatalf("%q is left bare", escaped)
		}
		escape, nul := wire.NeedsEscape(raw)
		if nul != bytes.Contains(raw, []byte{0}) {
			t.Fatalf("%q: NUL %v", raw, nul)
		}
		if nul {
			return
		}
		if escape == bytes.Equal(escaped, raw) {
			t.Fatalf("%q: escape %v, escaped %q", raw, escape, escaped)
		}
		if back, err := wire.AppendUnescaped(nil, escaped); err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("%q comes back as %q (%v)", raw, back, err)
		}
	})
}

func FuzzBinaryHeader(f *testing.F) {
	f.Add([]byte(wire.BinaryHeader + "rest"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rest, err := wire.CutBinaryHeader(b)
		if err != nil {
			code(t, err)
		} else if len(rest) > len(b)-len(wire.BinaryHeader) || !bytes.HasSuffix(b, rest) {
			t.Fatalf("%d bytes are left of %d", len(rest), len(b))
		}
	})
}
