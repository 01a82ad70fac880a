package sample_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/transform/sample"
)

// middle returns the random number with which the noise is zero.
func middle() float64 { return 0.5 }

func TestSampleIsRefusedOutsideColumns(t *testing.T) {
	whole := transform.Params{"range": []any{int64(1), int64(9)}}
	text := transform.Use{Treatment: "sample"}
	boolType := transformtest.Bool
	for _, c := range []struct {
		typ   catalog.Type
		use   transform.Use
		param string
	}{
		{transformtest.Int4, transform.Use{Treatment: "sample"}, "range"},
		{transformtest.Int4, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(9), int64(1)}}}, "range"},
		{transformtest.Int4, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(1), 2.5}}}, "range"},
		{transformtest.Int4, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(1)}}}, "range"},
		{transformtest.Int2, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(1), int64(40000)}}}, "range"},
		{transformtest.Int8, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(1), int64(1) << 60}}}, "range"},
		{transformtest.Money, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{int64(1), int64(100000000)}}}, "range"},
		{transformtest.Money, transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{0.001, int64(1)}}}, "range"},
		{transformtest.Date, transform.Use{Treatment: "sample", Params: whole}, "range"},
		{transformtest.Text, transform.Use{Treatment: "sample", Params: whole}, "range"},
		{transformtest.Bool, transform.Use{Treatment: "sample", Params: transform.Params{"buckets": int64(3)}}, "buckets"},
		{transformtest.Bool, transform.Use{Treatment: "sample", Params: transform.Params{"least": int64(3)}}, "least"},
		{transformtest.Int4, transform.Use{Treatment: "sample", Params: transform.Params{"range": whole["range"], "least": int64(3)}}, "least"},
		{transformtest.Int4, transform.Use{Treatment: "sample", Params: transform.Params{"range": whole["range"], "buckets": int64(1)}}, "buckets"},
		{transformtest.Text, transform.Use{Treatment: "sample", Params: transform.Params{"epsilon": int64(0)}}, "epsilon"},
		{transformtest.Text, transform.Use{Treatment: "sample", Params: transform.Params{"epsilon": 10.5}}, "epsilon"},
		{transformtest.UUID, transform.Use{Treatment: "sample"}, "treat"},
		{transformtest.ArrayOf(transformtest.Text), text, "treat"},
		{transformtest.Text, transform.Use{Treatment: "sample", As: "person"}, "as"},
		{transformtest.Text, transform.Use{Treatment: "sample", When: "1 < 2", Else: &transform.Use{Treatment: "redact"}}, "when"},
		{transformtest.Text, transform.Use{Treatment: "redact", When: "1 < 2", Else: &text}, "else: treat"},
		{transformtest.JSONB, transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.a", Use: text}}}, "$.a"},
		{transformtest.Pair, transform.Use{Treatment: "fields", Paths: []transform.Path{{Path: "a", Use: text}, {Path: "b", Use: transform.Use{Treatment: "mask"}}}}, "a"},
		{transformtest.Text, transform.Use{Treatment: "scrub", Params: transform.Params{"mentions": []any{"name"}}, Reads: []transform.Read{{Name: "name", Type: transformtest.Text, Use: &text}}}, "treat"},
		{transformtest.Text, transform.Use{Treatment: "redact", When: "kind", Else: &transform.Use{Treatment: "redact"}, Reads: []transform.Read{{Name: "kind", Type: boolType, Use: &text}}}, "treat"},
	} {
		_, err := library.Check(transformtest.Column(c.typ), c.use)
		_, again := library.Compile(transformtest.Column(c.typ), c.use, transformtest.Keys(t))
		var pe *transform.ParamError
		if !errors.As(err, &pe) || pe.Param != c.param || again == nil || again.Error() != err.Error() {
			t.Errorf("%s %+v: %v and %v, want a problem with %s", c.typ.Name, c.use, err, again, c.param)
		}
	}
}

func TestSampleNeedsAModelThatFits(t *testing.T) {
	for _, f := range []struct {
		typ catalog.Type
		bad []*transform.Model
	}{
		{transformtest.Int4, []*transform.Model{nil, {}, {Weights: []float64{1, 2}}, {Weights: []float64{1, 2, -1}}, {Weights: []float64{0, 0, 0}}, {Weights: []float64{1, math.NaN(), 1}}, {Weights: []float64{1, math.Inf(1), 1}}, {Weights: []float64{1, 2, 3}, Labels: []string{"a", "b", "c"}}}},
		{transformtest.Enum, []*transform.Model{nil, {Weights: []float64{1}, Labels: []string{"sad"}}, {Weights: []float64{1, 2, 3}, Labels: []string{"a", "b", "c"}}}},
		{transformtest.Text, []*transform.Model{nil, {Weights: []float64{1}}, {Weights: []float64{0}, Labels: []string{"a"}}}},
	} {
		u := transformtest.SampleUse(f.typ.Family)
		if _, err := library.Compile(transformtest.Column(f.typ), u, transformtest.Keys(t)); err != nil {
			t.Errorf("%s: %v", f.typ.Name, err)
		}
		for i, m := range f.bad {
			u.Model = m
			if _, err := library.Check(transformtest.Column(f.typ), u); err != nil {
				t.Errorf("%s: Check looks at the model: %v", f.typ.Name, err)
			}
			if _, err := library.Compile(transformtest.Column(f.typ), u, transformtest.Keys(t)); err == nil {
				t.Errorf("%s: model %d is taken", f.typ.Name, i)
			}
		}
	}
}

func TestLearn(t *testing.T) {
	learn := func(typ catalog.Type, p transform.Params, labels []string, counts []int64, uniform func() float64) string {
		s, err := sample.Of(transformtest.Column(typ), transform.Use{Treatment: "sample", Params: p})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Learn(labels, counts, uniform)
		if err != nil {
			return "refused"
		}
		return fmt.Sprintf("%v %q", m.Weights, m.Labels)
	}
	const less = 0.05 // with this random number, the noise is ln 0.1
	low := func() float64 { return less }
	high := func() float64 { return 1 - 1.001e-6 } // a higher number has a probability of about 1e-6
	three := transform.Params{"range": []any{int64(0), int64(99)}, "buckets": int64(3)}
	for _, c := range []struct{ got, want string }{
		{learn(transformtest.Int4, three, nil, []int64{5, 0, 7}, middle), `[5 0 7] []`},
		{learn(transformtest.Int4, three, nil, []int64{5, 0, 7}, low), `[3 0 5] []`},
		{learn(transformtest.Int4, three, nil, []int64{0, 1, 2}, low), `[1 1 1] []`},
		{learn(transformtest.Int4, three, nil, []int64{5, 0}, middle), "refused"},
		{learn(transformtest.Int4, three, []string{"x"}, []int64{5, 0, 1}, middle), "refused"},
		{learn(transformtest.Int4, transform.Params{"range": []any{int64(0), int64(1)}}, nil, []int64{5, 6}, middle), `[5 6] []`},
		{learn(transformtest.Bool, nil, []string{"t"}, []int64{5}, middle), `[0 5] ["f" "t"]`},
		{learn(transformtest.Enum, nil, []string{"happy", "sad"}, []int64{5, 3}, middle), `[3 0 5] ["sad" "ok" "happy"]`},
		{learn(transformtest.Text, nil, []string{"b", "a", "rare"}, []int64{90, 20, 19}, middle), `[20 90] ["a" "b"]`},
		{learn(transformtest.Text, nil, []string{"b", "a", "rare"}, []int64{90, 20, 19}, low), `[88] ["b"]`},
		{learn(transformtest.Text, transform.Params{"least": int64(1)}, []string{"a", "b"}, []int64{15, 14}, middle), `[15] ["a"]`}, // 1.5 + ln (10^6 / 2) = 14.6
		{learn(transformtest.Text, transform.Params{"least": int64(1), "epsilon": 0.5}, []string{"a", "b"}, []int64{28, 27}, middle), `[28] ["a"]`},
		{learn(transformtest.Text, transform.Params{"least": int64(1), "epsilon": int64(5)}, []string{"a"}, []int64{1}, high), `[] []`},
		{learn(transformtest.Text, nil, nil, nil, middle), `[] []`},
		{learn(transformtest.Text, nil, []string{"a"}, nil, middle), "refused"},
	} {
		if c.got != c.want {
			t.Errorf("learned %s, want %s", c.got, c.want)
		}
	}
}

func TestSampleHasTheModelsShape(t *testing.T) {
	for _, typ := range []catalog.Type{transformtest.Int4, transformtest.Money, transformtest.Numeric, transformtest.Float} {
		u := transformtest.SampleUse(typ.Family)
		u.Params = transform.Params{"range": []any{int64(-100), int64(899)}, "buckets": int64(4)}
		u.Model = &transform.Model{Weights: []float64{10, 0, 60, 30}}
		s, err := sample.Of(transformtest.Column(typ), u)
		if err != nil {
			t.Fatal(err)
		}
		tr := transformtest.Compile(t, typ, u)
		const n = 20000
		var found [4]float64
		different := map[string]bool{}
		for i := range n {
			out := transformtest.Run(t, tr, strconv.Itoa(i), nil)
			different[out] = true
			v, err := strconv.ParseFloat(out, 64)
			if err != nil || v < -100 || v > 899 {
				t.Fatalf("%s: %q, %v", typ.Name, out, err)
			}
			found[int(4*(v-s.Low)/(s.High-s.Low))]++
		}
		for i, w := range u.Model.Weights {
			if math.Abs(found[i]/n-w/100) > 0.02 {
				t.Errorf("%s: bucket %d has %v of %d, its weight is %v %%", typ.Name, i, found[i], n, w)
			}
		}
		if found[1] != 0 || len(different) < 700 {
			t.Errorf("%s: %v in an empty bucket, %d different results", typ.Name, found[1], len(different))
		}
	}
}

func TestSampleStaysInItsRange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lo := rapid.Int64Range(-1<<31, 1<<31-2).Draw(rt, "lo")
		hi := rapid.Int64Range(lo+1, 1<<31-1).Draw(rt, "hi")
		buckets := rapid.IntRange(2, 1000).Draw(rt, "buckets")
		u := transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{lo, hi}, "buckets": int64(buckets)}}
		s, err := sample.Of(transformtest.Column(transformtest.Int4), u)
		if err != nil {
			rt.Fatal(err)
		}
		only := rapid.IntRange(0, s.Buckets-1).Draw(rt, "bucket")
		counts := make([]int64, s.Buckets)
		counts[only] = 1 << 40
		if u.Model, err = s.Learn(nil, counts, middle); err != nil {
			rt.Fatal(err)
		}
		in := rapid.StringMatching(`[0-9]{1,9}`).Draw(rt, "in")
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Int4, u), in, nil)
		v, _ := strconv.ParseInt(out, 10, 64)
		// The function width_bucket must return the bucket from which the result was taken. The test computes it with
		// floats, so it allows a neighbour of this bucket.
		back := int(float64(s.Buckets) * (float64(v) - s.Low) / (s.High - s.Low))
		if v < lo || v > hi || back != only && math.Abs(float64(back-only)) > 1 {
			rt.Fatalf("[%d, %d]: %d is in bucket %d of %d, want %d", lo, hi, v, back, s.Buckets, only)
		}
		if again := transformtest.Run(t, transformtest.Compile(t, transformtest.Int4, u), in, nil); again != out {
			rt.Fatalf("%s, then %s", out, again)
		}
	})
}

func TestSampledDaysAndSeconds(t *testing.T) {
	for _, typ := range []catalog.Type{transformtest.Date, transformtest.Stamp, transformtest.StampTZ} {
		u := transform.Use{Treatment: "sample", Params: transform.Params{"range": []any{"1969-12-31", "1970-01-01"}}, Model: &transform.Model{Weights: slices.Repeat([]float64{1}, 64)}}
		shape := map[catalog.Family]int{catalog.Date: 10, catalog.Timestamp: 19, catalog.TimestampTZ: 22}[typ.Family]
		if typ.Family == catalog.Date {
			u.Model = &transform.Model{Weights: []float64{1, 1}}
		}
		tr, days := transformtest.Compile(t, typ, u), map[string]bool{}
		for i := range 200 {
			out := transformtest.Run(t, tr, fmt.Sprintf("20%02d-01-%02d", i/20, 1+i%20), nil)
			if len(out) != shape {
				t.Fatalf("%s: %q", typ.Name, out)
			}
			if m, ok := moment.Parse([]byte(out)); !ok || !m.Fits(typ.Family) {
				t.Fatalf("%s: %q", typ.Name, out)
			}
			days[out[:10]] = true
		}
		if len(days) != 2 || !days["1969-12-31"] || !days["1970-01-01"] {
			t.Errorf("%s: days %v", typ.Name, days)
		}
	}
}

func TestColumnsOfOneSubjectDrawIndependently(t *testing.T) {
	u := transformtest.SampleUse(catalog.Integer)
	u.Params = transform.Params{"range": []any{int64(0), int64(999)}, "buckets": int64(2)}
	u.Model, u.Subject, u.SubjectType, u.As = &transform.Model{Weights: []float64{1, 1}}, "id", &transformtest.Int4, "person"
	first, second := transformtest.Column(transformtest.Int4), transformtest.Column(transformtest.Int4)
	second.Name = "d"
	a, err1 := library.Compile(first, u, transformtest.Keys(t))
	b, err2 := library.Compile(second, u, transformtest.Keys(t))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	same, different := 0, map[string]bool{}
	for i := range 100 {
		subject := transformtest.Row(strconv.Itoa(i))
		x, y := transformtest.Run(t, a, "7", subject), transformtest.Run(t, b, "7", subject)
		different[x] = true
		if x == y {
			same++
		}
	}
	if same > 5 || len(different) < 80 {
		t.Errorf("%d of 100 rows have equal results in both columns; %d different results", same, len(different))
	}
	if traits, err := library.Check(first, u); err != nil || traits.Discloses != transform.Synthetic || traits.Equality {
		t.Errorf("%+v, %v", traits, err)
	}
}

func TestColumnWithoutFrequentValuesStopsTheRefresh(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "sample", Model: &transform.Model{}})
	if _, _, err := tr.Append(nil, transform.Cell{Text: []byte("x")}, nil); transformtest.Code(err) != "nothing-learned" {
		t.Errorf("got %v", err)
	}
	if _, null, err := tr.Append(nil, transform.Cell{Null: true}, nil); err != nil || !null {
		t.Errorf("NULL: %v, %v", null, err)
	}
}
