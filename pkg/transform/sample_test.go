package transform

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

// middle is no noise at all.
func middle() float64 { return 0.5 }

func TestSampleIsRefusedWhereItCannotLearn(t *testing.T) {
	whole := Params{"range": []any{int64(1), int64(9)}}
	text := Use{Treatment: "sample"}
	boolType := tBool
	for _, c := range []struct {
		typ   catalog.Type
		use   Use
		param string
	}{
		{tInt4, Use{Treatment: "sample"}, "range"},
		{tInt4, Use{Treatment: "sample", Params: Params{"range": []any{int64(9), int64(1)}}}, "range"},
		{tInt4, Use{Treatment: "sample", Params: Params{"range": []any{int64(1), 2.5}}}, "range"},
		{tInt4, Use{Treatment: "sample", Params: Params{"range": []any{int64(1)}}}, "range"},
		{tInt2, Use{Treatment: "sample", Params: Params{"range": []any{int64(1), int64(40000)}}}, "range"},
		{tInt8, Use{Treatment: "sample", Params: Params{"range": []any{int64(1), int64(1) << 60}}}, "range"},
		{tMoney, Use{Treatment: "sample", Params: Params{"range": []any{int64(1), int64(100000000)}}}, "range"},
		{tMoney, Use{Treatment: "sample", Params: Params{"range": []any{0.001, int64(1)}}}, "range"},
		{tDate, Use{Treatment: "sample", Params: whole}, "range"},
		{tText, Use{Treatment: "sample", Params: whole}, "range"},
		{tBool, Use{Treatment: "sample", Params: Params{"buckets": int64(3)}}, "buckets"},
		{tBool, Use{Treatment: "sample", Params: Params{"least": int64(3)}}, "least"},
		{tInt4, Use{Treatment: "sample", Params: Params{"range": whole["range"], "least": int64(3)}}, "least"},
		{tInt4, Use{Treatment: "sample", Params: Params{"range": whole["range"], "buckets": int64(1)}}, "buckets"},
		{tText, Use{Treatment: "sample", Params: Params{"epsilon": int64(0)}}, "epsilon"},
		{tText, Use{Treatment: "sample", Params: Params{"epsilon": 10.5}}, "epsilon"},
		{tUUID, Use{Treatment: "sample"}, "treat"},
		{arrayOf(tText), text, "treat"},
		{tText, Use{Treatment: "sample", As: "person"}, "as"},
		{tText, Use{Treatment: "sample", When: "1 < 2", Else: &Use{Treatment: "redact"}}, "when"},
		{tText, Use{Treatment: "redact", When: "1 < 2", Else: &text}, "else: treat"},
		{tJSONB, Use{Treatment: "json", Paths: []Path{{"$.a", text}}}, "$.a"},
		{tPair, Use{Treatment: "fields", Paths: []Path{{"a", text}, {"b", Use{Treatment: "mask"}}}}, "a"},
		{tText, Use{Treatment: "scrub", Params: Params{"mentions": []any{"name"}}, Reads: []Read{{Name: "name", Type: tText, Use: &text}}}, "treat"},
		{tText, Use{Treatment: "redact", When: "kind", Else: &Use{Treatment: "redact"}, Reads: []Read{{Name: "kind", Type: boolType, Use: &text}}}, "treat"},
	} {
		_, err := Check(column(c.typ), c.use)
		_, again := Compile(column(c.typ), c.use, testKeys(t))
		var pe *ParamError
		if !errors.As(err, &pe) || pe.Param != c.param || again == nil || again.Error() != err.Error() {
			t.Errorf("%s %+v: %v and %v, want a problem with %s", c.typ.Name, c.use, err, again, c.param)
		}
	}
}

func TestSampleNeedsAModelThatFits(t *testing.T) {
	for _, f := range []struct {
		typ catalog.Type
		bad []*Model
	}{
		{tInt4, []*Model{nil, {}, {Weights: []float64{1, 2}}, {Weights: []float64{1, 2, -1}}, {Weights: []float64{0, 0, 0}}, {Weights: []float64{1, math.NaN(), 1}}, {Weights: []float64{1, math.Inf(1), 1}}, {Weights: []float64{1, 2, 3}, Labels: []string{"a", "b", "c"}}}},
		{tEnum, []*Model{nil, {Weights: []float64{1}, Labels: []string{"sad"}}, {Weights: []float64{1, 2, 3}, Labels: []string{"a", "b", "c"}}}},
		{tText, []*Model{nil, {Weights: []float64{1}}, {Weights: []float64{0}, Labels: []string{"a"}}}},
	} {
		u := sampleUse(f.typ.Family)
		if _, err := Compile(column(f.typ), u, testKeys(t)); err != nil {
			t.Errorf("%s: %v", f.typ.Name, err)
		}
		for i, m := range f.bad {
			u.Model = m
			if _, err := Check(column(f.typ), u); err != nil {
				t.Errorf("%s: Check looks at the model: %v", f.typ.Name, err)
			}
			if _, err := Compile(column(f.typ), u, testKeys(t)); err == nil {
				t.Errorf("%s: model %d is taken", f.typ.Name, i)
			}
		}
	}
}

func TestWhatIsLearned(t *testing.T) {
	learn := func(typ catalog.Type, p Params, labels []string, counts []int64, uniform func() float64) string {
		s, err := SamplingOf(column(typ), Use{Treatment: "sample", Params: p})
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.Learn(labels, counts, uniform)
		if err != nil {
			return "refused"
		}
		return fmt.Sprintf("%v %q", m.Weights, m.Labels)
	}
	const less = 0.05 // noise of ln 0.1
	low := func() float64 { return less }
	three := Params{"range": []any{int64(0), int64(99)}, "buckets": int64(3)}
	for _, c := range []struct{ got, want string }{
		{learn(tInt4, three, nil, []int64{5, 0, 7}, middle), `[5 0 7] []`},
		{learn(tInt4, three, nil, []int64{5, 0, 7}, low), `[3 0 5] []`},
		{learn(tInt4, three, nil, []int64{0, 1, 2}, low), `[1 1 1] []`},
		{learn(tInt4, three, nil, []int64{5, 0}, middle), "refused"},
		{learn(tInt4, three, []string{"x"}, []int64{5, 0, 1}, middle), "refused"},
		{learn(tInt4, Params{"range": []any{int64(0), int64(1)}}, nil, []int64{5, 6}, middle), `[5 6] []`},
		{learn(tBool, nil, []string{"t"}, []int64{5}, middle), `[0 5] ["f" "t"]`},
		{learn(tEnum, nil, []string{"happy", "sad"}, []int64{5, 3}, middle), `[3 0 5] ["sad" "ok" "happy"]`},
		{learn(tText, nil, []string{"b", "a", "rare"}, []int64{90, 20, 19}, middle), `[20 90] ["a" "b"]`},
		{learn(tText, nil, []string{"b", "a", "rare"}, []int64{90, 20, 19}, low), `[88] ["b"]`},
		{learn(tText, Params{"least": int64(1)}, []string{"a", "b"}, []int64{15, 14}, middle), `[15] ["a"]`}, // 1 + ln 10^6 = 14.8
		{learn(tText, Params{"least": int64(1), "epsilon": 0.5}, []string{"a", "b"}, []int64{29, 28}, middle), `[29] ["a"]`},
		{learn(tText, nil, nil, nil, middle), `[] []`},
		{learn(tText, nil, []string{"a"}, nil, middle), "refused"},
	} {
		if c.got != c.want {
			t.Errorf("learned %s, want %s", c.got, c.want)
		}
	}
}

func TestSampleHasTheModelsShape(t *testing.T) {
	for _, typ := range []catalog.Type{tInt4, tMoney, tNumeric, tFloat} {
		u := sampleUse(typ.Family)
		u.Params = Params{"range": []any{int64(-100), int64(899)}, "buckets": int64(4)}
		u.Model = &Model{Weights: []float64{10, 0, 60, 30}}
		s, err := SamplingOf(column(typ), u)
		if err != nil {
			t.Fatal(err)
		}
		tr := compile(t, typ, u)
		const n = 20000
		var found [4]float64
		different := map[string]bool{}
		for i := range n {
			out := run(t, tr, strconv.Itoa(i), nil)
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
		u := Use{Treatment: "sample", Params: Params{"range": []any{lo, hi}, "buckets": int64(buckets)}}
		s, err := SamplingOf(column(tInt4), u)
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
		out := run(t, compile(t, tInt4, u), in, nil)
		v, _ := strconv.ParseInt(out, 10, 64)
		// What width_bucket does with a result is what it did with the values of the bucket.
		back := int(float64(s.Buckets) * (float64(v) - s.Low) / (s.High - s.Low))
		if v < lo || v > hi || back != only && math.Abs(float64(back-only)) > 1 {
			rt.Fatalf("[%d, %d]: %d is in bucket %d of %d, want %d", lo, hi, v, back, s.Buckets, only)
		}
		if again := run(t, compile(t, tInt4, u), in, nil); again != out {
			rt.Fatalf("%s, then %s", out, again)
		}
	})
}

func TestSampledDaysAndSeconds(t *testing.T) {
	for _, typ := range []catalog.Type{tDate, tStamp, tStampTZ} {
		u := Use{Treatment: "sample", Params: Params{"range": []any{"1969-12-31", "1970-01-01"}}, Model: &Model{Weights: slices.Repeat([]float64{1}, 64)}}
		shape := map[catalog.Family]int{catalog.Date: 10, catalog.Timestamp: 19, catalog.TimestampTZ: 22}[typ.Family]
		if typ.Family == catalog.Date {
			u.Model = &Model{Weights: []float64{1, 1}}
		}
		tr, days := compile(t, typ, u), map[string]bool{}
		for i := range 200 {
			out := run(t, tr, fmt.Sprintf("20%02d-01-%02d", i/20, 1+i%20), nil)
			if len(out) != shape {
				t.Fatalf("%s: %q", typ.Name, out)
			}
			if m, ok := parseMoment([]byte(out)); !ok || !m.fits(typ.Family) {
				t.Fatalf("%s: %q", typ.Name, out)
			}
			days[out[:10]] = true
		}
		if len(days) != 2 || !days["1969-12-31"] || !days["1970-01-01"] {
			t.Errorf("%s: days %v", typ.Name, days)
		}
	}
}

func TestSampledColumnsOfOneSubjectAreNotOneDraw(t *testing.T) {
	u := sampleUse(catalog.Integer)
	u.Params = Params{"range": []any{int64(0), int64(999)}, "buckets": int64(2)}
	u.Model, u.Subject, u.SubjectType, u.As = &Model{Weights: []float64{1, 1}}, "id", &tInt4, "person"
	first, second := column(tInt4), column(tInt4)
	second.Name = "d"
	a, err1 := Compile(first, u, testKeys(t))
	b, err2 := Compile(second, u, testKeys(t))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	same, different := 0, map[string]bool{}
	for i := range 100 {
		subject := row(strconv.Itoa(i))
		x, y := run(t, a, "7", subject), run(t, b, "7", subject)
		different[x] = true
		if x == y {
			same++
		}
	}
	if same > 5 || len(different) < 80 {
		t.Errorf("%d of 100 rows have one result in both columns; %d different results", same, len(different))
	}
	if traits, err := Check(first, u); err != nil || traits.Discloses != Synthetic || traits.Equality {
		t.Errorf("%+v, %v", traits, err)
	}
}

func TestNothingFrequentStopsTheRefresh(t *testing.T) {
	tr := compile(t, tText, Use{Treatment: "sample", Model: &Model{}})
	if _, _, err := tr.Append(nil, Cell{Text: []byte("x")}, nil); codeOf(err) != "nothing-learned" {
		t.Errorf("got %v", err)
	}
	if _, null, err := tr.Append(nil, Cell{Null: true}, nil); err != nil || !null {
		t.Errorf("NULL: %v, %v", null, err)
	}
}
