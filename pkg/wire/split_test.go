package wire_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/wire"
)

// cell is a value in a test. The value nil means NULL.
type cell = []byte

// block formats rows as the server would.
func block(f wire.Format, rows ...[]cell) []byte {
	var b []byte
	for _, row := range rows {
		if f == wire.Binary {
			b = binary.BigEndian.AppendUint16(b, uint16(len(row)))
		}
		for i, c := range row {
			switch {
			case f == wire.Binary && c == nil:
				b = append(b, 0xff, 0xff, 0xff, 0xff)
			case f == wire.Binary:
				b = append(binary.BigEndian.AppendUint32(b, uint32(len(c))), c...)
			default:
				if i > 0 {
					b = append(b, '\t')
				}
				if c == nil {
					b = append(b, wire.NullText...)
				} else {
					b = wire.AppendEscaped(b, c)
				}
			}
		}
		if f == wire.Text {
			b = append(b, '\n')
		}
	}
	return b
}

// cells reads the values of one row.
func cells(t fataler, f wire.Format, spans []wire.Span, b []byte) []cell {
	out := make([]cell, 0, len(spans))
	for _, s := range spans {
		switch raw := b[s.Start:s.End]; {
		case s.Null:
			out = append(out, nil)
		case f == wire.Binary:
			out = append(out, append(cell{}, raw...))
		default:
			value, err := wire.AppendUnescaped(cell{}, raw)
			if err != nil {
				t.Fatalf("%q: %v", raw, err)
			}
			out = append(out, value)
		}
	}
	return out
}

type fataler interface{ Fatalf(string, ...any) }

func same(a, b []cell) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if (a[i] == nil) != (b[i] == nil) || !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

var nasty = []string{"", `\N`, `\.`, `\`, `\\N`, "\t", "a\tb", "\n", "\r\n", "\x01\x08\x0b\x0c\x1f", "ünï\xc3\xa9", "0123456", "01234567", "012345678", strings.Repeat("long ", 50)}

func drawRows(t *rapid.T, columns int) [][]cell {
	value := rapid.Custom(func(t *rapid.T) cell {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return cell(rapid.SampledFrom(nasty).Draw(t, "nasty"))
		}
		return append(cell{}, rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 30).Draw(t, "bytes")...)
	})
	return rapid.SliceOfN(rapid.SliceOfN(value, columns, columns), 0, 5).Draw(t, "rows")
}

func TestSplitFindsEveryCell(t *testing.T) {
	for _, f := range []wire.Format{wire.Text, wire.Binary} {
		t.Run(f.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				columns := rapid.IntRange(0, 12).Draw(t, "columns")
				wanted := rapid.IntRange(0, columns+1).Draw(t, "wanted")
				rows := drawRows(t, columns)
				b := block(f, rows...)
				s := wire.NewSplitter(f, columns, wanted)
				spans := make([]wire.Span, s.Spans())
				if n, err := s.Count(b); err != nil || n != int64(len(rows)) {
					t.Fatalf("counts %d, %v of %d rows", n, err, len(rows))
				}
				for _, row := range rows {
					n, err := s.Split(spans, b)
					if err != nil {
						t.Fatalf("%q: %v", b, err)
					}
					if got := cells(t, f, spans, b); !same(got, row[:len(spans)]) {
						t.Fatalf("got %q, want %q", got, row)
					}
					if want := block(f, row); !bytes.Equal(b[:n], want) {
						t.Fatalf("row ends at %d, want %d", n, len(want))
					}
					b = b[n:]
				}
			})
		})
	}
}

func TestWrongNumberOfColumnsIsRefused(t *testing.T) {
	for _, f := range []wire.Format{wire.Text, wire.Binary} {
		for have := range 6 {
			row := make([]cell, have)
			for i := range row {
				row[i] = cell("value " + string(rune('a'+i)))
			}
			for columns := range 6 {
				for wanted := range columns + 1 {
					s := wire.NewSplitter(f, columns, wanted)
					_, err := s.Split(make([]wire.Span, s.Spans()), block(f, row))
					alike := have == columns
					if alike != (err == nil) && !(f == wire.Text && have == 0 && columns == 1) { // an empty line can also be one empty cell
						t.Errorf("%s: %d cells for %d columns, %d wanted: %v", f, have, columns, wanted, err)
					}
				}
			}
		}
	}
}

func TestBrokenFramingIsRefused(t *testing.T) {
	whole := block(wire.Binary, []cell{cell("abc"), nil, cell("d")})
	s := wire.NewSplitter(wire.Binary, 3, 2)
	for n := range whole {
		if _, err := s.Split(make([]wire.Span, 2), whole[:n]); !errors.Is(err, wire.ErrTruncated) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
		if _, err := s.Count(whole[:n]); n > 0 && err == nil {
			t.Errorf("%d bytes of %d are counted", n, len(whole))
		}
	}
	for _, at := range []int{2, 9, 13} { // the offsets of the length words
		broken := bytes.Clone(whole)
		copy(broken[at:], "\xff\xff\xff\xfe")
		if _, err := s.Split(make([]wire.Span, 2), broken); !errors.Is(err, wire.ErrFraming) {
			t.Errorf("length -2 at %d: %v", at, err)
		}
	}
	text := wire.NewSplitter(wire.Text, 2, 2)
	if _, err := text.Split(make([]wire.Span, 2), []byte("a\tb")); !errors.Is(err, wire.ErrTruncated) {
		t.Errorf("no newline: %v", err)
	}
	if _, err := text.Count([]byte("a\tb\nc")); err == nil {
		t.Error("half a line is counted")
	}
	if _, err := wire.AppendUnescaped(nil, []byte(`a\`)); err == nil {
		t.Error("a lone backslash is read")
	}
	if _, err := wire.AppendUnescaped(nil, []byte(`\000`)); !errors.Is(err, wire.ErrNUL) {
		t.Error("an escaped NUL is read")
	}
}

func TestHeaderAndTrailer(t *testing.T) {
	rest, err := wire.CutBinaryHeader([]byte(wire.BinaryHeader + "row"))
	if err != nil || string(rest) != "row" {
		t.Errorf("%q, %v", rest, err)
	}
	extended := []byte(wire.BinaryHeader + "extrow")
	extended[18] = 3
	if rest, err := wire.CutBinaryHeader(extended); err != nil || string(rest) != "row" {
		t.Errorf("with an extension: %q, %v", rest, err)
	}
	critical := []byte(wire.BinaryHeader)
	critical[12] = 1
	for _, b := range [][]byte{nil, []byte("PGCOPY"), critical, []byte(wire.BinaryHeader)[:18], append([]byte(wire.BinaryHeader)[:18], 1)} {
		if _, err := wire.CutBinaryHeader(b); err == nil {
			t.Errorf("%q is taken for a header", b)
		}
	}
	if !wire.IsBinaryTrailer([]byte(wire.BinaryTrailer)) || wire.IsBinaryTrailer([]byte("\xff\xff\xff")) || wire.IsBinaryTrailer([]byte{0, 1}) {
		t.Error("the trailer is -1 as two bytes, alone")
	}
}

// TestCopyAgreesWithTheServer copies rows from this package to the server, and back from the server to this package.
func TestCopyAgreesWithTheServer(t *testing.T) {
	conn := connect(t)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "create temporary table cells (n int4, a text, b text)"); err != nil {
		t.Fatal(err)
	}
	var rows [][]cell
	for i, v := range nasty {
		next := cell(nasty[(i+1)%len(nasty)])
		if i%3 == 0 {
			next = nil
		}
		rows = append(rows, []cell{{byte('0' + i%10)}, cell(v), next})
	}
	b := block(wire.Text, rows...)
	if _, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(b), "copy cells from stdin"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := conn.PgConn().CopyTo(ctx, &out, "copy cells to stdout"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), b) {
		t.Errorf("text: the server writes\n%q, we\n%q", out.Bytes(), b)
	}
	out.Reset()
	if _, err := conn.PgConn().CopyTo(ctx, &out, "copy (select a, b from cells) to stdout (format binary)"); err != nil {
		t.Fatal(err)
	}
	rest, err := wire.CutBinaryHeader(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	s, spans := wire.NewSplitter(wire.Binary, 2, 2), make([]wire.Span, 2)
	for _, row := range rows {
		n, err := s.Split(spans, rest)
		if err != nil {
			t.Fatal(err)
		}
		if got := cells(t, wire.Binary, spans, rest); !same(got, row[1:]) {
			t.Errorf("binary: got %q, want %q", got, row[1:])
		}
		rest = rest[n:]
	}
	if !wire.IsBinaryTrailer(rest) {
		t.Errorf("%d bytes instead of a trailer", len(rest))
	}
}

// TestEscapesAgreeWithTheServer compares the server with this package on escapes that COPY FROM accepts. COPY TO never
// writes most of them.
func TestEscapesAgreeWithTheServer(t *testing.T) {
	conn := connect(t)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "create temporary table escapes (a text)"); err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{`\101\x42\x4g\7x\b\q\"`, `\1234`, `\x`, `\xg`, `\x414`, `\8`, `\\\\n`, `\52`} {
		if _, err := conn.PgConn().CopyFrom(ctx, strings.NewReader(raw+"\n"), "copy escapes from stdin"); err != nil {
			t.Fatal(err)
		}
		var want string
		if err := conn.QueryRow(ctx, "delete from escapes returning a").Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got, err := wire.AppendUnescaped(nil, []byte(raw)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v; the server reads %q", raw, got, err, want)
		}
	}
}

func TestSplittingDoesNotAllocate(t *testing.T) {
	row := []cell{cell("1"), nil, cell("tab\there"), cell(strings.Repeat("x", 100)), cell("")}
	for _, f := range []wire.Format{wire.Text, wire.Binary} {
		b := block(f, row)
		s, spans := wire.NewSplitter(f, 5, 4), make([]wire.Span, 4)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := s.Split(spans, b); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", f, n)
		}
	}
}
