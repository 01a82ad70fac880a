package wire_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/wire"
)

// printed returns the texts of the server's output function and the bytes of its send function.
func printed(t testing.TB, conn *pgx.Conn, typ, send string, literals []string) (texts []string, bins [][]byte) {
	t.Helper()
	query := fmt.Sprintf(`select format('%%s', u.v::%[1]s), %[2]s(u.v::%[1]s)
		from unnest($1::text[]) with ordinality as u(v, n) order by n`, typ, send)
	rows, err := conn.Query(context.Background(), query, literals)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var text string
		var bin []byte
		if err := rows.Scan(&text, &bin); err != nil {
			t.Fatal(err)
		}
		texts, bins = append(texts, text), append(bins, bin)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	return texts, bins
}

func codec(t testing.TB, base string) wire.Codec {
	t.Helper()
	c, ok := wire.CodecFor(base, false)
	if !ok {
		t.Fatalf("no codec for %s", base)
	}
	return c
}

// agree compares the codec with the text and the bytes from the server.
func agree(t testing.TB, c wire.Codec, text string, bin []byte) {
	t.Helper()
	got, err := c.AppendText([]byte("before"), bin)
	if err != nil || string(got) != "before"+text {
		t.Errorf("%x decodes to %q, %v; the server prints %q", bin, got, err, text)
	}
	back, err := c.AppendBinary([]byte("before"), []byte(text))
	if err != nil || string(back) != "before"+string(bin) {
		t.Errorf("%q encodes to %x, %v; the server sends %x", text, back, err, bin)
	}
}

func TestCodecsAgreeWithTheServer(t *testing.T) {
	conn := connect(t)
	long := strings.Repeat("9", 5000)
	for _, c := range []struct {
		base, typ, send string
		literals        []string
	}{
		{"text", "text", "textsend", []string{"", "a\tb\nc\\d\r\x0b\x0c\x08", `\N`, `\.`, "ünïcødé 漢字 🎉", strings.Repeat("x", 100000)}},
		{"varchar", "varchar(40)", "varcharsend", []string{"", "abc", "  padded  "}},
		{"bpchar", "char(5)", "bpcharsend", []string{"", "abc", "  a"}},
		{"name", "name", "namesend", []string{"", "abc", strings.Repeat("ü", 31)}},
		{"json", "json", "json_send", []string{`{"a" : [1, 2,  3]}`, `"\u00e9"`, `null`}},
		{"jsonb", "jsonb", "jsonb_send", []string{`{"b": 1, "a": [1, 2.50, null]}`, `"é"`, `1e400`}},
		{"xml", "xml", "xml_send", []string{
			`<a/>`, `plain`, `<?xml version="1.0"?><a>é</a>`, `<?xml version="1.0" standalone="yes"?><a/>`,
		}},
		{"bool", "bool", "boolsend", []string{"true", "false"}},
		{"int2", "int2", "int2send", []string{"0", "-1", "32767", "-32768"}},
		{"int4", "int4", "int4send", []string{"0", "-1", "2147483647", "-2147483648"}},
		{"int8", "int8", "int8send", []string{"0", "-1", "9223372036854775807", "-9223372036854775808"}},
		{"uuid", "uuid", "uuid_send", []string{"00000000-0000-0000-0000-000000000000", "A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
		{"bytea", "bytea", "byteasend", []string{"", `\x`, `\x00ff5c`, "abc"}},
		{"numeric", "numeric", "numeric_send", []string{
			"0", "0.0", "0.00000", "-0", "1", "-1", "10000", "100000000", "9999", "10000.0001", "0.0001", "0.00001", "0.12345", "-0.00000000000123",
			"1.10", "1.1000000", "123456789012345678901234567890.123456789", "1e100", "1e-100", "1.5e-10", "NaN", "Infinity", "-Infinity",
			long, "0." + long, "-" + long + "." + long, "1e131071", "1e-16383", "999999999999", "12345", "100.010", "00012.50", ".5", "5.",
		}},
		{"numeric", "numeric(10,3)", "numeric_send", []string{"1", "1.2345", "-9999999.999"}},
		{"float8", "float8", "float8send", []string{
			"0", "-0", "1", "0.1", "0.0001", "0.00001", "0.00012345", "123456789012345", "999999999999999", "1000000000000000", "1e15", "1e16", "1e23", "-1e23",
			"9007199254740991", "9007199254740993", "4503599627370497.5", "9223372036854775807", "1e22", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308",
			"NaN", "Infinity", "-Infinity", "1e100", "1e-100", "1.5", "100", "3.141592653589793", "8.41e21", "9.5367431640625e-07", "2e22", "5e22",
		}},
		{"float4", "float4", "float4send", []string{
			"0", "-0", "1", "0.1", "0.0001", "0.00001", "100000", "999999", "1000000", "1e6", "1e-5", "8.5e9", "33554430", "16777216", "16777217", "1.17549435e-38",
			"1e-45", "3.4028235e38", "NaN", "Infinity", "-Infinity", "3.1415927", "123456.7", "1.5e9",
		}},
		{"date", "date", "date_send", []string{
			"2000-01-01", "1999-12-31", "1970-01-01", "2024-02-29", "1900-02-28", "0001-01-01", "0001-12-31 BC", "0044-03-15 BC", "0005-02-29 BC",
			"4714-11-24 BC", "5874897-12-31", "9999-12-31", "10000-01-01", "infinity", "-infinity", "epoch",
		}},
		{"timestamp", "timestamp", "timestamp_send", []string{
			"2000-01-01", "1999-12-31 23:59:59.999999", "2024-02-29 12:34:56.5", "2024-02-29 12:34:56.000001", "2024-02-29 12:34:56.100", "0001-01-01",
			"0044-03-15 06:07:08 BC", "4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "10000-01-01 00:00:00", "infinity", "-infinity",
		}},
		{"timestamptz", "timestamptz", "timestamptz_send", []string{
			"2000-01-01", "1999-12-31 23:59:59.999999+05:30", "2024-02-29 12:34:56.5", "0044-03-15 06:07:08.25+00 BC", "4714-11-24 00:00:00+00 BC",
			"294276-12-31 23:59:59.999999+00", "12345-06-07 08:09:10-08", "infinity", "-infinity",
		}},
	} {
		t.Run(c.typ, func(t *testing.T) {
			texts, bins := printed(t, conn, c.typ, c.send, c.literals)
			for i := range texts {
				agree(t, codec(t, c.base), texts[i], bins[i])
			}
		})
	}
}

func TestEnumsUseTheirLabels(t *testing.T) {
	conn := connect(t)
	if _, err := conn.Exec(context.Background(), `create type pg_temp.mood as enum ('so so', 'très', 'a\b')`); err != nil {
		t.Fatal(err)
	}
	c, ok := wire.CodecFor("mood", true)
	if !ok {
		t.Fatal("no codec for enums")
	}
	texts, bins := printed(t, conn, "pg_temp.mood", "enum_send", []string{"so so", "très", `a\b`})
	for i := range texts {
		agree(t, c, texts[i], bins[i])
	}
}

// TestRandomValuesAgreeWithTheServer makes random binary values and decodes them. The server then reads the texts,
// prints them and sends them in binary. The codec must agree with what the server prints and sends.
func TestRandomValuesAgreeWithTheServer(t *testing.T) {
	conn := connect(t)
	for _, c := range []struct {
		base, send string
		bin        *rapid.Generator[[]byte]
	}{
		{"int2", "int2send", bytesOf(2, math.MinInt16, math.MaxInt16)},
		{"int4", "int4send", bytesOf(4, math.MinInt32, math.MaxInt32)},
		{"int8", "int8send", bytesOf(8, math.MinInt64, math.MaxInt64)},
		{"date", "date_send", bytesOf(4, -2451545, 2145031948)},
		{"timestamp", "timestamp_send", bytesOf(8, -211813488000000000, 9223371331199999999)},
		{"timestamptz", "timestamptz_send", bytesOf(8, -211813488000000000, 9223371331199999999)},
		{"uuid", "uuid_send", rapid.SliceOfN(rapid.Byte(), 16, 16)},
		{"bytea", "byteasend", rapid.SliceOfN(rapid.Byte(), 0, 100)},
		{"numeric", "numeric_send", rapid.Custom(randomNumeric)},
		{"float8", "float8send", rapid.Custom(randomFloat8)},
		{"float4", "float4send", rapid.Custom(randomFloat4)},
	} {
		t.Run(c.base, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				bins := rapid.SliceOfN(c.bin, 200, 200).Draw(t, "values")
				literals := make([]string, len(bins))
				for i, bin := range bins {
					text, err := mustCodec(c.base).AppendText(nil, bin)
					if err != nil {
						t.Fatalf("%x: %v", bin, err)
					}
					literals[i] = string(text)
				}
				texts, sent := askServer(t, conn, c.base, c.send, literals)
				for i, bin := range bins {
					if texts[i] != literals[i] || !bytes.Equal(sent[i], bin) {
						t.Errorf("%x prints as %s; the server prints %s and sends %x", bin, literals[i], texts[i], sent[i])
					}
					if back, err := mustCodec(c.base).AppendBinary(nil, []byte(literals[i])); err != nil || !bytes.Equal(back, bin) {
						t.Errorf("%s encodes to %x (%v), want %x", literals[i], back, err, bin)
					}
				}
			})
		})
	}
}

func mustCodec(base string) wire.Codec {
	c, _ := wire.CodecFor(base, false)
	return c
}

func askServer(t *rapid.T, conn *pgx.Conn, typ, send string, literals []string) (texts []string, bins [][]byte) {
	rows, err := conn.Query(context.Background(), fmt.Sprintf(`select format('%%s', u.v::%[1]s), %[2]s(u.v::%[1]s)
		from unnest($1::text[]) with ordinality as u(v, n) order by n`, typ, send), literals)
	if err != nil {
		t.Fatal(err)
	}
	texts = make([]string, 0, len(literals))
	var text string
	var bin []byte
	if _, err := pgx.ForEachRow(rows, []any{&text, &bin}, func() error {
		texts, bins = append(texts, text), append(bins, bytes.Clone(bin))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return texts, bins
}

func bytesOf(size int, low, high int64) *rapid.Generator[[]byte] {
	return rapid.Map(rapid.Int64Range(low, high), func(v int64) []byte {
		return binary.BigEndian.AppendUint64(nil, uint64(v))[8-size:]
	})
}

func randomFloat8(t *rapid.T) []byte {
	v := float(t, 64)
	return binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
}

func randomFloat4(t *rapid.T) []byte {
	v := float32(float(t, 32))
	if v != v || math.IsInf(float64(v), 0) {
		v = 8.5e9
	}
	return binary.BigEndian.AppendUint32(nil, math.Float32bits(v))
}

// float returns a finite float: random bits, a number with few digits, a power of two, or an integer. Powers of two are
// included because the next smaller float is nearer to them than the next larger one, which makes their shortest
// decimal a special case.
func float(t *rapid.T, size int) float64 {
	var v float64
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		v = math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if size == 32 {
			v = float64(math.Float32frombits(rapid.Uint32().Draw(t, "bits")))
		}
	case 1:
		v = float64(rapid.Int64Range(-100000, 100000).Draw(t, "digits")) * math.Pow10(rapid.IntRange(-12, 25).Draw(t, "exponent"))
	case 2:
		v = math.Ldexp(1, rapid.IntRange(-149, 127).Draw(t, "power"))
	default:
		v = float64(rapid.Int64().Draw(t, "integer"))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 1e23
	}
	return v
}

func randomNumeric(t *rapid.T) []byte {
	groups := rapid.SliceOfN(rapid.OneOf(rapid.Uint16Range(0, 9999), rapid.Just(uint16(0))), 0, 8).Draw(t, "groups")
	for len(groups) > 0 && groups[0] == 0 {
		groups = groups[1:]
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	weight := rapid.IntRange(-20, 20).Draw(t, "weight")
	sign := rapid.SampledFrom([]uint16{0, 0x4000}).Draw(t, "sign")
	if len(groups) == 0 {
		weight, sign = 0, 0
	}
	least := 0 // the minimum number of digits after the point that the groups need
	if last := len(groups) - 1; last > weight {
		least = 4 * (last - weight)
		for g := groups[last]; g%10 == 0; g /= 10 {
			least--
		}
	}
	scale := least + rapid.IntRange(0, 9).Draw(t, "zeros")
	var bin []byte
	for _, v := range []uint16{uint16(len(groups)), uint16(int16(weight)), sign, uint16(scale)} {
		bin = binary.BigEndian.AppendUint16(bin, v)
	}
	for _, g := range groups {
		bin = binary.BigEndian.AppendUint16(bin, g)
	}
	return bin
}

func TestInvalidTextIsRefused(t *testing.T) {
	for base, texts := range map[string][]string{
		"bool":        {"", "T", "yes", "tr"},
		"int2":        {"", "-", "32768", "-32769", "1.5", " 1", "1 ", "0x1", "1_000"},
		"int4":        {"2147483648", "-2147483649", "99999999999999999999"},
		"int8":        {"9223372036854775808", "-9223372036854775809", "18446744073709551616", "9999999999999999999999"},
		"uuid":        {"", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "a0eebc99x9c0b-4ef8-bb6d-6bb9bd380a11", "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		"bytea":       {"", "abc", `\x0`, `\x0g`, `\`},
		"numeric":     {"", ".", "-", "e5", "1e", "1e99999999999999999999", "1 ", "abc", "1.2.3", "--1", "1e200000", "inf", "1e-20000"},
		"float8":      {"", "1e400", "nan", "inf", "0x1p4", "1_0", "abc", "1e"},
		"float4":      {"1e39"},
		"date":        {"", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-00", "0000-01-01", "24-01-01", "2023-1-1", "2023-01-01 ", "2023-01-01x", "5874898-01-01", "4714-11-23 BC", "99999999-01-01"},
		"timestamp":   {"", "2023-01-01 24:00:00", "2023-01-01 00:60", "2023-01-01 00:00:60", "2023-01-01 00:00:00.1234567", "2023-01-01 00:00:00.", "2023-01-01 00:00:00+00", "294277-01-01 00:00:00", "4714-11-23 23:59:59 BC", "2023-01-01 ", "2023-01-01 00"},
		"timestamptz": {"2023-01-01 00:00:00+", "2023-01-01 00:00:00+1", "2023-01-01 00:00:00+99", "2023-01-01 00:00:00 UTC", "2023-01-01 00:00:00+01:0", "294276-12-31 23:59:59-01"},
	} {
		for _, text := range texts {
			if bin, err := codec(t, base).AppendBinary(nil, []byte(text)); err == nil {
				t.Errorf("%s: %q encodes to %x", base, text, bin)
			}
		}
	}
}

func TestOtherSpellingsAreAccepted(t *testing.T) {
	for _, c := range []struct{ base, text, same string }{
		{"timestamptz", "2024-05-06T07:08:09Z", "2024-05-06 07:08:09+00"},
		{"timestamptz", "2024-05-06 07:08:09", "2024-05-06 07:08:09+00"},
		{"timestamptz", "2024-05-06 07:08:09+05:30", "2024-05-06 01:38:09+00"},
		{"timestamptz", "2024-05-06 07:08:09-0330", "2024-05-06 10:38:09+00"},
		{"timestamptz", "0001-01-01 00:00:00+01:00:10", "0001-12-31 22:59:50+00 BC"},
		{"timestamp", "2024-05-06", "2024-05-06 00:00:00"},
		{"timestamp", "2024-05-06T07:08", "2024-05-06 07:08:00"},
		{"numeric", "+1.5e3", "1500"},
		{"numeric", "12e-3", "0.012"},
		{"uuid", "A0EEBC999C0B4EF8BB6D6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"bool", "true", "t"},
		{"float8", "+1.50", "1.5"},
	} {
		bin, err := codec(t, c.base).AppendBinary(nil, []byte(c.text))
		if err != nil {
			t.Errorf("%s %q: %v", c.base, c.text, err)
			continue
		}
		if text, err := codec(t, c.base).AppendText(nil, bin); err != nil || string(text) != c.same {
			t.Errorf("%s %q is read as %q, %v; want %q", c.base, c.text, text, err, c.same)
		}
	}
}

func TestCodecsDoNotAllocate(t *testing.T) {
	for base, text := range map[string]string{
		"text": "abc", "jsonb": "{}", "int4": "-12345", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "numeric": "-12345.678",
		"float8": "9.999999999999999e+22", "float4": "8.4999997e+09", "date": "0044-03-15 BC", "timestamptz": "2024-05-06 07:08:09.5+00", "bytea": `\x0102`, "bool": "t",
	} {
		c := codec(t, base)
		in, bin, out := []byte(text), make([]byte, 0, 100), make([]byte, 0, 100)
		if n := testing.AllocsPerRun(100, func() {
			bin, _ = c.AppendBinary(bin[:0], in)
			out, _ = c.AppendText(out[:0], bin)
		}); n != 0 {
			t.Errorf("%s: %v allocations", base, n)
		}
		if string(out) != text {
			t.Errorf("%s: %s came back as %s", base, text, out)
		}
	}
}
