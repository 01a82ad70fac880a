package fake_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// The Space of a fake must not be larger than the real number of results. The plan relies on it for unique columns.
func TestSpacesAreNotTooLarge(t *testing.T) {
	for _, k := range fakes() {
		spec, _ := library.Lookup(k.Name)
		if !spec.Takes(catalog.Text) {
			continue
		}
		for _, room := range []int{0, 9, 14, 25} {
			c := transformtest.Column(treatment.TextType(room))
			traits, err := library.Check(c, transform.Use{Treatment: k.Name, Params: transformtest.FakeParams(k.Name, catalog.Text)})
			if err != nil || traits.Space >= 5000 {
				continue // too many results to count
			}
			tr := transformtest.Compile(t, c.Type, transform.Use{Treatment: k.Name, Params: transformtest.FakeParams(k.Name, catalog.Text)})
			seen := map[string]bool{}
			for i := range 60_000 {
				seen[transformtest.Run(t, tr, strconv.Itoa(i), nil)] = true
			}
			if n := float64(len(seen)); n < traits.Space*0.99 {
				t.Errorf("%s in %d: %v results, states %v", k.Name, room, n, traits.Space)
			}
		}
	}
}

// The share of results that equal their input must not be larger than the Space of the fake allows.
func TestFakesEqualTheirInputByChanceOnly(t *testing.T) {
	for _, k := range fakes() {
		spec, _ := library.Lookup(k.Name)
		if !spec.Takes(catalog.Text) {
			continue
		}
		u := transform.Use{Treatment: k.Name, Params: transformtest.FakeParams(k.Name, catalog.Text)}
		traits, err := library.Check(transformtest.Column(transformtest.Text), u)
		if err != nil || traits.Space < 10 {
			continue
		}
		tr := transformtest.Compile(t, transformtest.Text, u)
		met, in := 0.0, "x"
		const draws = 5000
		for range draws {
			out := transformtest.Run(t, tr, in, nil)
			if out == in {
				met++
				out += "'" // the result equals the input; the next input must be another one
			}
			in = out
		}
		if limit := 5 + 3*draws/traits.Space; met > limit {
			t.Errorf("%s: %v of %d results equal their input, with %v possible results", k.Name, met, draws, traits.Space)
		}
	}
}

// BenchmarkTreatment measures the cost of a treatment per value. The cost includes the keyed seed and the canonical
// form.
func BenchmarkTreatment(b *testing.B) {
	text := "ada.lovelace@example.com"
	cases := []struct {
		typ catalog.Type
		use transform.Use
		in  string
	}{
		{transformtest.Text, transform.Use{Treatment: "redact"}, text},
		{transformtest.Text, transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1), "keep_last": int64(4)}}, text},
		{transformtest.Text, transform.Use{Treatment: "token"}, text},
		{treatment.TextType(22), transform.Use{Treatment: "token"}, text},
		{transformtest.UUID, transform.Use{Treatment: "token"}, "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
		{transformtest.Int4, transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(1), int64(1 << 20)}}}, "4711"},
		{transformtest.Int8, transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(1), int64(1 << 40)}}}, "4711"},
		{transformtest.Date, transform.Use{Treatment: "shift"}, "1984-02-29"},
		{transformtest.StampTZ, transform.Use{Treatment: "shift", Subject: "id", SubjectType: &transformtest.Int4}, "2024-02-29 10:00:00.123456+00"},
		{transformtest.ArrayOf(transformtest.Text), transform.Use{Treatment: "mask"}, "{abc,def,NULL}"},
		{transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.contact.email", Use: transform.Use{Treatment: "fake.email"}}, {Path: "$.theme", Use: transform.Use{Treatment: "keep"}}}}, `{"theme": "dark", "contact": {"email": "ada@x.org"}}`},
	}
	for _, k := range fakes() {
		if spec, _ := library.Lookup(k.Name); !spec.Takes(catalog.Text) {
			continue
		}
		cases = append(cases, struct {
			typ catalog.Type
			use transform.Use
			in  string
		}{transformtest.Text, transform.Use{Treatment: k.Name, Params: transformtest.FakeParams(k.Name, catalog.Text)}, text})
	}
	var r transform.Row = transformtest.Row("17")
	for _, c := range cases {
		b.Run(c.use.Treatment+"/"+strings.ReplaceAll(c.typ.Name, " ", "_"), func(b *testing.B) {
			tr, cell, dst := transformtest.Compile(b, c.typ, c.use), transform.Cell{Text: []byte(c.in)}, make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tr.Append(dst, cell, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
