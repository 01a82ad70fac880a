package library_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// conformer is one case of the conformance tests: a treatment on a type.
type conformer struct {
	typ catalog.Type
	use transform.Use
}

func (c conformer) String() string { return c.use.Treatment + " on " + c.typ.Name }

// conformers returns every treatment with those type families of byFamily that it takes. Almost all cases also exist
// with an array of the type.
func conformers() []conformer {
	byFamily := map[catalog.Family][]catalog.Type{
		catalog.Text:    {transformtest.Text, transformtest.Citext, treatment.TextType(64), {Name: "character(40)", Base: "bpchar", Family: catalog.Text, MaxLen: 40, Padded: true}},
		catalog.Integer: {transformtest.Int2, transformtest.Int4, transformtest.Int8}, catalog.Numeric: {transformtest.Numeric, transformtest.Money}, catalog.Float: {transformtest.Float},
		catalog.Boolean: {transformtest.Bool}, catalog.UUID: {transformtest.UUID}, catalog.Date: {transformtest.Date}, catalog.Timestamp: {transformtest.Stamp}, catalog.TimestampTZ: {transformtest.StampTZ},
		catalog.JSON: {transformtest.JSONB}, catalog.Bytes: {transformtest.Bytes}, catalog.Inet: {transformtest.Inet}, catalog.Enum: {transformtest.Enum}, catalog.Other: {transformtest.Other},
		catalog.Hstore: {transformtest.Hstore}, catalog.XML: {transformtest.XML}, catalog.Composite: {transformtest.Pair},
	}
	var all []conformer
	for _, spec := range library.All() {
		for family, types := range byFamily {
			if !spec.Takes(family) {
				continue
			}
			for _, typ := range types {
				u := useOn(spec.Name, family)
				if spec.Name == "redact" && family == catalog.Enum {
					typ.Labels = append(slices.Clone(typ.Labels), "redacted")
				}
				if spec.Name == "pan" && (typ.Bits > 0 && typ.Bits < 64 || typ.Precision > 0) {
					continue // too narrow for a card number
				}
				if spec.Name == "reversible" && typ.MaxLen > 0 {
					if typ.MaxLen < 64 {
						continue // a token does not fit
					}
					u.Params = transform.Params{"longest": int64(20)}
				}
				if spec.Name == "fake.user_agent" && typ.MaxLen > 0 {
					continue // the result does not fit
				}
				all = append(all, conformer{typ, u})
				if spec.Name != "sample" { // sample learns from single values only
					all = append(all, conformer{transformtest.ArrayOf(typ), u})
				}
				if strings.HasPrefix(spec.Name, "fake.") || spec.Name == "shift" || spec.Name == "sample" {
					u.Subject, u.SubjectType, u.As = "id", &transformtest.Int4, "person"
					all = append(all, conformer{typ, u})
				}
			}
		}
	}
	return all
}

// useOn returns a use of a treatment on a family, with the parameters that it needs.
func useOn(name string, f catalog.Family) transform.Use {
	u := transform.Use{Treatment: name}
	switch {
	case name == "sample":
		return transformtest.SampleUse(f)
	case name == "constant":
		u.Params = transform.Params{"value": transformtest.Constants()[f]}
	case name == "expr":
		u.Params = transform.Params{"value": expressions()[f]}
	case name == "national_id":
		u.Params = transform.Params{"country": "FR"}
	case name == "permute" && f == catalog.Text:
		u.Params = transform.Params{"alphabet": "0123456789abcdefghijklmnopqrstuvwxyz", "separators": " @.*-[]_/"}
	case (name == "token" || name == "permute") && (f == catalog.Integer || f == catalog.Numeric):
		u.Params = transform.Params{"range": []any{int64(-30000), int64(30000)}}
	case name == "command":
		u.Params = transform.Params{"run": []any{"./treat", "--reverse"}}
	case strings.HasPrefix(name, "fake."):
		u.Params = transformtest.FakeParams(name, f)
	case maskingParams(name, f) != nil:
		u.Params = maskingParams(name, f)
	case name == "mask":
		u.Params = transform.Params{"keep_first": int64(1), "keep_last": int64(2)}
	case name == "csv" || name == "hstore":
		u.Paths = []transform.Path{{Path: "*", Use: transform.Use{Treatment: "mask"}}}
	case name == "xml":
		u.Paths = []transform.Path{{Path: "/", Use: transform.Use{Treatment: "mask"}}, {Path: "//*", Use: transform.Use{Treatment: "mask"}}}
	case name == "fields":
		u.Paths = []transform.Path{{Path: "a", Use: transform.Use{Treatment: "mask"}}, {Path: "b", Use: transform.Use{Treatment: "mask"}}}
	case name == "scrub":
		u.Params = transform.Params{"unfound": "redact"} // with unfound: keep, a text without personal data stays unchanged
	case name == "json":
		u.Paths = []transform.Path{
			{Path: "$.a", Use: transform.Use{Treatment: "mask"}},
			{Path: "$.b[*]", Use: transform.Use{Treatment: "token"}},
			{Path: "$.c.**", Use: transform.Use{Treatment: "keep"}},
		}
	}
	return u
}

// expressions returns one formula per family. The tests of package expr test formulas that read columns.
func expressions() map[catalog.Family]any {
	return map[catalog.Family]any{
		catalog.Text: `upper("n/a")`, catalog.Integer: "3 * 3", catalog.Numeric: "9 + 0.5", catalog.Float: "19 - 9.5", catalog.Boolean: "1 < 2",
		catalog.UUID: `"7d444840-9dc0-11d1-b245-5ffdce74fad2"`, catalog.Date: `"2000-01-01"`, catalog.Timestamp: `"2000-01-01 00:00:00"`,
		catalog.TimestampTZ: `"2000-01-01 00:00:00+00"`, catalog.Inet: `"10.0.0.1"`, catalog.Enum: `"ok"`,
	}
}

// inputs returns difficult values of a type. For an array type, it returns arrays of each difficult element alone, an
// array of all together, and malformed arrays.
func inputs(typ catalog.Type) []string {
	if typ.Family != catalog.Array {
		return transformtest.Adversaries(typ.Family)
	}
	var out []string
	var together []byte
	for _, v := range transformtest.Adversaries(typ.Elem.Family) {
		elem := library.QuotedElement(v)
		out = append(out, "{"+string(elem)+"}", "[0:0]={"+string(elem)+"}")
		together = append(append(together, elem...), ',')
	}
	return append(out, "{"+string(together)+"NULL}", "{}", "{{NULL,NULL}}", "", "{", "{,}", "{a", `{"a`, "x", "[1={a}")
}

func TestEveryTreatmentOnEveryFamily(t *testing.T) {
	for _, c := range conformers() {
		t.Run(c.String(), func(t *testing.T) {
			tr, again := transformtest.Compile(t, c.typ, c.use), transformtest.Compile(t, c.typ, c.use)
			list := inputs(c.typ)
			first := make([]result, len(list))
			for i, in := range list {
				first[i] = c.treat(t, tr, in)
			}
			for i := len(list) - 1; i >= 0; i-- { // another worker treats the values in another order
				if got := c.treat(t, again, list[i]); got != first[i] {
					t.Errorf("%q: %+v, then %+v", list[i], first[i], got)
				}
			}
			dst, null, err := tr.Append([]byte("x"), transform.Cell{Null: true}, transformtest.Row("1"))
			if !null || err != nil || string(dst) != "x" {
				t.Errorf("NULL became %q, %v, %v", dst, null, err)
			}
		})
	}
}

type result struct {
	out  string
	null bool
	err  string
}

// treat treats one value, and checks the result in every way.
func (c conformer) treat(t *testing.T, tr transform.Transform, in string) result {
	t.Helper()
	r := c.result(t, tr, in)
	if r.err == "" {
		c.changed(t, in, r)
		c.fits(t, in, r)
	}
	return r
}

// result treats one value. It checks that the result does not alias the input, that dst keeps its contents, and that
// errors contain no value.
func (c conformer) result(t *testing.T, tr transform.Transform, in string) result {
	t.Helper()
	text := []byte(in)
	out, null, err := tr.Append([]byte("<"), transform.Cell{Text: text}, transformtest.Row("1"))
	if string(text) != in {
		t.Errorf("%q: the input was changed", in)
	}
	if !bytes.HasPrefix(out, []byte("<")) {
		t.Errorf("%q: what stood before was lost", in)
	}
	r := result{out: string(out[1:]), null: null}
	for i := range text {
		text[i] = '#'
	}
	if string(out[1:]) != r.out {
		t.Errorf("%q: the result aliases the input", in)
	}
	if err != nil {
		var e *transform.Error
		if !errors.As(err, &e) || e.Code == "" || len(in) > 9 && strings.Contains(err.Error(), in) {
			t.Errorf("%q: bad error %v", in, err)
		}
		return result{err: err.Error()}
	}
	return r
}

// changed checks that the result differs from its input, unless the documentation allows an equal result.
func (c conformer) changed(t *testing.T, in string, r result) {
	t.Helper()
	if r.null || r.out != in || c.use.Treatment == "keep" || c.typ.Family == catalog.Array {
		return // elements are checked as values of their own type
	}
	if onGrid(c, in) || c.passes(in) {
		return
	}
	switch c.use.Treatment {
	case "permute": // the probability of an equal result is one in the number of values of this form
		if len(in) <= 1 { // an empty text stays empty
			return
		}
	case "pan", "iban", "bic", "ssn", "national_id", "imei", "imsi", "mac", "nhs_number", "routing_number":
		if strings.Trim(in, " ") == "" && (in == "" || c.typ.Padded) {
			return
		}
	case "redact", "constant", "expr", "scrub":
		if r.out == string(transformtest.Run(t, transformtest.Compile(t, c.typ, c.use), in, nil)) { // the value already equals the result, which the documentation allows
			return
		}
	case "fake.boolean", "fake.choice", "fake.gender", "sample": // there are few possible results, as Space says
		return
	case "mask":
		if strings.Trim(in, "*") == "" {
			return
		}
	case "json":
		if in == "{}" || in == "null" {
			return
		}
	case "placeholder":
		if in == `\x` {
			return
		}
	case "csv", "hstore", "fields", "xml":
		if strings.Trim(in, "*,()\r\n \"") == "" { // empty, or masked already
			return
		}
	}
	t.Errorf("%q stayed unchanged", in)
}

// fits checks that the column can hold the result.
func (c conformer) fits(t *testing.T, in string, r result) {
	t.Helper()
	if n := utf8.RuneCountInString(r.out); c.typ.MaxLen > 0 && n > c.typ.MaxLen && c.use.Treatment != "keep" {
		t.Errorf("%q: %q has %d characters of %d", in, r.out, n, c.typ.MaxLen)
	}
	if strings.HasPrefix(c.use.Treatment, "fake.") && (r.out == "" || strings.TrimSpace(r.out) != r.out) && c.typ.Family != catalog.Array {
		t.Errorf("%q: %q is empty or padded", in, r.out)
	}
	if c.typ.CaseInsensitive && c.use.Treatment == "token" && strings.ToLower(r.out) != r.out {
		t.Errorf("%q: %q mixes case in a column that does not tell it", in, r.out)
	}
}

func TestTraitsAreValid(t *testing.T) {
	for _, c := range conformers() {
		traits, err := library.Check(transformtest.Column(c.typ), c.use)
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if traits.Discloses == "" || !(traits.Space >= 1) || math.IsNaN(traits.Space) {
			t.Errorf("%s: %+v", c, traits)
		}
		if (c.use.Subject == "") != (len(traits.Needs) == 0) {
			t.Errorf("%s: needs %v", c, traits.Needs)
		}
	}
}

// TestTreatmentsDoNotAllocate checks that treatments allocate nothing per value. The exceptions are listed in the test.
func TestTreatmentsDoNotAllocate(t *testing.T) {
	good := map[catalog.Family]string{
		catalog.Text: "ada.lovelace@example.com", catalog.Integer: "17", catalog.Numeric: "17.00", catalog.Float: "1.5", catalog.Boolean: "t",
		catalog.UUID: "7d444840-9dc0-11d1-b245-5ffdce74fad2", catalog.Date: "2024-02-29", catalog.Timestamp: "2024-02-29 10:00:00",
		catalog.TimestampTZ: "2024-02-29 10:00:00+00", catalog.JSON: `{"a": "se\ncret", "b": ["x", null, 5, true], "c": {"d": [1]}}`,
	}
	checked := map[catalog.Family]bool{catalog.UUID: true, catalog.Date: true, catalog.Timestamp: true, catalog.TimestampTZ: true, catalog.Inet: true}
	var subject transform.Row = transformtest.Row("17") // converted to an interface once, as in a worker
	dst := make([]byte, 0, 4096)
	for _, c := range conformers() {
		in, ok := goodFor(c.use.Treatment, c.typ.Family, good)
		if c.typ.Family == catalog.Array {
			elem, fine := goodFor(c.use.Treatment, c.typ.Elem.Family, good)
			in, ok = "{"+string(library.QuotedElement(elem))+",NULL}", fine
		}
		if !ok {
			continue
		}
		if c.use.Treatment == "reversible" || c.use.Treatment == "command" {
			continue // tink's AES-SIV allocates, which is acceptable because tink is audited; a program is slower than any allocation
		}
		if c.use.Treatment == "regex" { // package regexp allocates its matches
			continue
		}
		if c.use.Treatment == "expr" && (checked[c.typ.Family] || c.typ.Elem != nil && checked[c.typ.Elem.Family]) {
			continue // the result is parsed to check that it is valid for the type
		}
		if c.use.Treatment == "pan" && !strings.Contains(in, "@") {
			in = strings.Replace(in, "17", "4111111111111111", 1)
		}
		tr, cell := transformtest.Compile(t, c.typ, c.use), transform.Cell{Text: []byte(in)}
		n := testing.AllocsPerRun(20, func() {
			if _, _, err := tr.Append(dst, cell, subject); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", c, n)
		}
	}
}

// goodFor returns a value of a family that a treatment accepts. Some treatments need a document.
func goodFor(treatment string, f catalog.Family, good map[catalog.Family]string) (string, bool) {
	documents := map[string]string{
		"json": `{"a": "se\ncret", "b": [null], "c": [1]}`, "xml": `<?xml version='1.0'?><a b="x">y</a>`, "csv": "a,\"b\"\"c\",\n",
		"hstore": `"a"=>"x", "b"=>NULL`, "fields": `(a,"{x,NULL}")`,
	}
	if in, ok := documents[treatment]; ok {
		return in, true
	}
	in, ok := good[f]
	return in, ok
}
