package transformtest

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Constants returns a constant for each type family.
func Constants() map[catalog.Family]any {
	return map[catalog.Family]any{
		catalog.Text: "n/a", catalog.Integer: int64(9), catalog.Numeric: "9.5", catalog.Float: 9.5, catalog.Boolean: true,
		catalog.UUID: "7d444840-9dc0-11d1-b245-5ffdce74fad2", catalog.Date: "2000-01-01", catalog.Timestamp: "2000-01-01 00:00:00",
		catalog.TimestampTZ: "2000-01-01 00:00:00+00", catalog.JSON: map[string]any{"x": int64(1)}, catalog.Bytes: `\x00`,
		catalog.Inet: "10.0.0.1", catalog.Enum: "ok", catalog.Other: "x",
		catalog.Hstore: `"a"=>"b"`, catalog.XML: `<a/>`, catalog.Composite: `(x,{})`,
	}
}

// Adversaries returns difficult values of a type family. A faulty treatment could leave these values unchanged.
func Adversaries(f catalog.Family) []string {
	switch f {
	case catalog.Text:
		return []string{
			"", " ", "x", "ab", "abc", "abcd", "a*cd", "***", "*", "[redacted]", "n/a", "NULL", "null", `\N`, `\.`, "a\tb", "a\nb", `a\b`, `"q"`,
			"{a,b}", "Jörg Müller", "日本語のテキスト", "👩‍👩‍👧", "e\u0301", "\xff\xfe", "a\xc3", strings.Repeat("x", 40), strings.Repeat("é", 40),
			"fq2zuavcsrlalo3xfpukjxq3ra", "Nellie", "ada@example.com",
		}
	case catalog.Integer:
		return []string{"0", "1", "-1", "30000", "-30000", "30001", "-30001", "9223372036854775807", "-9223372036854775808"}
	case catalog.Numeric:
		return []string{"0", "0.00", "17", "17.00", "-17", "0.5", "NaN", "Infinity", "1" + strings.Repeat("0", 40)}
	case catalog.UUID:
		return []string{"7d444840-9dc0-11d1-b245-5ffdce74fad2", "00000000-0000-0000-0000-000000000000"}
	case catalog.Date:
		return []string{"2024-02-29", "0001-01-01", "0044-03-15 BC", "4714-11-24 BC", "5874897-12-31", "infinity", "-infinity", "12/31/1999", ""}
	case catalog.Timestamp, catalog.TimestampTZ:
		return []string{"2024-02-29 23:59:59.999999+00", "0001-01-01 00:00:00+00 BC", "294276-12-31 23:59:59+00", "infinity", "2024-02-30 00:00:00+00", "2024-01-01 secret"}
	case catalog.Hstore:
		return []string{`"a"=>"secret"`, `"a"=>NULL, "b"=>"\"\\"`, `a=>b`, `"a"=>"x`, `"a"=>"x",`}
	case catalog.XML:
		return []string{`<a>secret</a>`, `<a b="secret"/>`, `secret`, `<a><!--secret--></a>`, `<a>&secret;</a>`, `<a`, `<a><b></a></b>`}
	case catalog.Composite:
		return []string{`(secret,{a})`, `(,)`, `("a, b","{x}")`, `(a)`, `(a,{},)`, `(`, `("a`}
	case catalog.JSON:
		return []string{
			`{"a": "secret", "b": ["x", null, 5, true], "c": {"d": [1]}}`, `{}`, `[]`, `null`, `"x"`, `{"z": 1}`, `{"a": {"x": 1}}`,
			`{"a": "\ud800"}`, `{"c": "\ud800", "\u0000": null}`, `{"\ude00": "\u0000"}`, `{"a": "\u0000"}`, `{"\u0061": "secret"}`, `{"a": "secret"`, `{"a": [ ]}`, `{"b": {}}`,
		}
	}
	return []string{"", "t", "f", "1.5", "NaN", `\x`, `\xff`, "0.0.0.0", "::1", "happy", "'a':1"}
}

// FakeParams returns the parameters that a fake needs on a column of a type family.
func FakeParams(name string, f catalog.Family) transform.Params {
	switch name {
	case "fake.integer":
		return transform.Params{"range": []any{int64(-3000), int64(30000)}}
	case "fake.number":
		return transform.Params{"range": []any{-5.5, int64(9000)}}
	case "fake.gender":
		if f == catalog.Enum {
			return transform.Params{"values": []any{"happy", "sad"}}
		}
	case "fake.choice":
		two := map[catalog.Family]any{catalog.Text: "other", catalog.Integer: int64(8), catalog.Numeric: "8.5", catalog.Float: 8.5, catalog.Enum: "sad", catalog.Date: "2001-01-01"}
		return transform.Params{"values": []any{Constants()[f], two[f]}}
	}
	return nil
}

// SampleUse returns a use of the treatment "sample" for a column of a type family. The use has parameters and a model.
func SampleUse(f catalog.Family) transform.Use {
	u := transform.Use{Treatment: "sample"}
	switch f {
	case catalog.Text:
		u.Model = &transform.Model{Weights: []float64{50, 30}, Labels: []string{"often", "seldom"}}
	case catalog.Boolean:
		u.Model = &transform.Model{Weights: []float64{50, 30}, Labels: []string{"f", "t"}}
	case catalog.Enum:
		u.Model = &transform.Model{Weights: []float64{50, 30, 0}, Labels: Enum.Labels}
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		u.Params = transform.Params{"range": []any{"2000-01-01", "2019-12-31"}, "buckets": int64(3)}
		u.Model = &transform.Model{Weights: []float64{1, 0, 2}}
	default:
		u.Params = transform.Params{"range": []any{int64(2), int64(1001)}, "buckets": int64(3)}
		u.Model = &transform.Model{Weights: []float64{1, 0, 2}}
	}
	return u
}

// Code returns the code of a treatment's error. It returns "" for any other error.
func Code(err error) string {
	var e *transform.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Rat returns the exact value of a number.
func Rat(t testing.TB, s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return r
}
