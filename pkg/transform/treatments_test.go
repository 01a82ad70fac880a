package transform

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestMaskCoversAllItDoesNotKeep(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		first, last := rapid.IntRange(0, 6).Draw(rt, "first"), rapid.IntRange(0, 6).Draw(rt, "last")
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[*ab]{0,10}`)).Draw(rt, "in")
		tr := compile(t, tText, Use{Treatment: "mask", Params: Params{"keep_first": int64(first), "keep_last": int64(last)}})
		out, src := []rune(run(t, tr, in, nil)), []rune(in)
		if len(out) != len(src) {
			rt.Fatalf("%q became %q: another length", in, string(out))
		}
		if string(out) == in && strings.Trim(in, "*") != "" {
			rt.Fatalf("%q came through", in)
		}
		for i := range out {
			kept := len(src) > first+last && (i < first || i >= len(src)-last)
			if out[i] != '*' && (!kept || out[i] != src[i]) {
				rt.Fatalf("%q became %q: position %d", in, string(out), i)
			}
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, in := range adversaries(catalog.Text) {
		f.Add(in, 1, 2)
	}
	f.Fuzz(func(t *testing.T, in string, first, last int) {
		u := Use{Treatment: "mask", Params: Params{"keep_first": int64(first), "keep_last": int64(last)}}
		if _, err := Check(column(tText), u); err != nil {
			return
		}
		out := run(t, compile(t, tText, u), in, nil)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(in) || out == in && strings.Trim(in, "*") != "" {
			t.Fatalf("%q became %q", in, out)
		}
	})
}

func TestBpcharPaddingIsNotWhatMaskKeeps(t *testing.T) {
	u := Use{Treatment: "mask", Params: Params{"keep_last": int64(2)}}
	if got := run(t, compile(t, tBpchar, u), "abcd    ", nil); got != "**cd" {
		t.Errorf("got %q", got)
	}
	if got := run(t, compile(t, tBpchar, u), "ab      ", nil); got != "**" {
		t.Errorf("got %q", got)
	}
}

var tokenShape = regexp.MustCompile(`^[a-z2-7]{26}$`)

func FuzzToken(f *testing.F) {
	for _, in := range adversaries(catalog.Text) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := run(t, compile(t, tText, Use{Treatment: "token"}), in, nil)
		if !tokenShape.MatchString(out) || out == in {
			t.Fatalf("%q became %q", in, out)
		}
		short := run(t, compile(t, textType(22), Use{Treatment: "token"}), in, nil)
		if len(short) != 22 {
			t.Fatalf("%q became %q", in, short)
		}
	})
}

func TestTokensCarryTheWholeSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := Seed(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a")), Seed(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		b32 := func(s Seed) string { out, _ := token32("").append(nil, nil, &s); return string(out) }
		b62 := func(s Seed) string { out, _ := token62("").append(nil, nil, &s); return string(out) }
		if (a == b) != (b32(a) == b32(b)) || (a == b) != (b62(a) == b62(b)) {
			t.Fatal("two seeds, one token")
		}
		one := a
		bit := rapid.IntRange(0, 127).Draw(t, "bit")
		one[bit/8] ^= 1 << (bit % 8)
		if b32(a) == b32(one) || b62(a) == b62(one) {
			t.Fatalf("bit %d is lost", bit)
		}
	})
}

func TestUUIDTokensAreValid(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	lost := 0
	for bit := range 128 {
		var a, b Seed
		b[bit/8] ^= 1 << (bit % 8)
		x, _ := uuidToken{}.append(nil, nil, &a)
		y, _ := uuidToken{}.append(nil, nil, &b)
		if !shape.Match(x) || !shape.Match(y) {
			t.Fatalf("%s, %s", x, y)
		}
		if string(x) == string(y) {
			lost++
		}
	}
	if lost != 6 {
		t.Errorf("%d bits are lost, version and variant take 6", lost)
	}
}

func TestIntegerTokensPermuteTheirRange(t *testing.T) {
	u := Use{Treatment: "token", Params: Params{"range": []any{int64(-50), int64(949)}}}
	tr := compile(t, tInt4, u)
	seen := map[string]bool{}
	for v := int64(-50); v <= 949; v++ {
		seen[run(t, tr, string(appendInt(nil, v)), nil)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d results of 1000", len(seen))
	}
	for out := range seen {
		if v, ok := parseWhole([]byte(out)); !ok || v < -50 || v > 949 {
			t.Errorf("%s is outside", out)
		}
	}
	if got := run(t, compile(t, tMoney, u), "7.00", nil); !strings.HasSuffix(got, ".00") {
		t.Errorf("numeric(10,2) got %s", got)
	}
	wide := Use{Treatment: "token", Params: Params{"range": []any{int64(math.MinInt64), int64(math.MaxInt64 - 1)}}}
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.Int64Max(math.MaxInt64-1).Draw(rt, "v")
		if out, ok := parseWhole([]byte(run(t, compile(t, tInt8, wide), string(appendInt(nil, v)), nil))); !ok || out == math.MaxInt64 {
			rt.Fatalf("%d", out)
		}
	})
}

func TestShiftKeepsIntervalsOfASubject(t *testing.T) {
	u := Use{Treatment: "shift", Subject: "id", SubjectType: &tInt4, Params: Params{"days": int64(40)}}
	rapid.Check(t, func(rt *rapid.T) {
		subject := row(rapid.StringMatching(`[1-9][0-9]{0,5}`).Draw(rt, "subject"))
		a, b := rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "a"), rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "b")
		tr := compile(t, tDate, u)
		day := func(d int64) int64 {
			m := moment{day: d}
			out, ok := parseMoment([]byte(run(t, tr, string(m.append(nil)), subject)))
			if !ok {
				rt.Fatal("the result is no date")
			}
			return out.day
		}
		if day(a)-day(b) != a-b {
			rt.Fatalf("%d days apart became %d", a-b, day(a)-day(b))
		}
		if d := day(a) - a; d == 0 || d > 40 || d < -40 {
			rt.Fatalf("moved by %d days", d)
		}
	})
}

func TestShiftCoversItsWholeRangeButZero(t *testing.T) {
	s := &shift{days: 3}
	seen := map[int64]int{}
	for i := range 6000 {
		var seed Seed
		seed[0], seed[1] = byte(i*65536/6000>>8), byte(i*65536/6000)
		seen[s.delta(&seed)]++
	}
	if len(seen) != 6 || seen[0] != 0 || seen[-3] == 0 || seen[3] == 0 {
		t.Errorf("%v", seen)
	}
}

func TestDatesReadAndWriteAsPostgreSQLDoes(t *testing.T) {
	for _, s := range []string{"2024-02-29", "0001-01-01", "0001-12-31 BC", "4714-11-24 BC", "12345-06-07", "5874897-12-31", "2024-02-29 23:59:59.999999+00", "0044-03-15 00:00:00+00 BC", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00+05:30"} {
		m, ok := parseMoment([]byte(s))
		if !ok || string(m.append(nil)) != s {
			t.Errorf("%s became %s (%v)", s, m.append(nil), ok)
		}
	}
	for _, s := range []string{"", "2024", "2024-13-01", "2023-02-29", "2024-00-10", "2024-01-00", "0000-01-01", "2024-1-1", "24-01-01", "2024-01-01 secret", "2024-01-01 10:00 secret", "2024-01-01x", "2024-01-01 10:00:00+0", "12345678-01-01"} {
		if _, ok := parseMoment([]byte(s)); ok {
			t.Errorf("%q reads as a date", s)
		}
	}
	if last := daysFrom(2024, 12, 31) - daysFrom(2024, 1, 1); last != 365 || daysFrom(1970, 1, 1) != 0 || daysFrom(2000, 3, 1) != 11017 {
		t.Error("the calendar is off")
	}
}

func TestShiftedOutOfRangeStops(t *testing.T) {
	tr := compile(t, tDate, Use{Treatment: "shift", Params: Params{"infinity": "keep", "days": int64(1)}})
	stopped := 0
	for _, in := range []string{"4714-11-24 BC", "5874897-12-31"} {
		for _, domain := range []string{"a", "b", "c", "d", "e", "f"} {
			tr := compile(t, tDate, Use{Treatment: "shift", Domain: domain, Params: Params{"days": int64(1)}})
			if _, _, err := tr.Append(nil, Cell{Text: []byte(in)}, nil); err != nil {
				stopped++
			}
		}
	}
	if stopped == 0 || stopped == 12 {
		t.Errorf("%d of 12 stopped", stopped)
	}
	if got := run(t, tr, "infinity", nil); got != "infinity" {
		t.Errorf("infinity: keep gave %s", got)
	}
}

func TestRulesAreCheckedAtPlanTime(t *testing.T) {
	notNull := column(tText)
	notNull.NotNull = true
	p := func(kv ...any) Params {
		m := Params{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	cases := []struct {
		name       string
		col        Column
		use        Use
		param, say string
	}{
		{"misspelt treatment", column(tText), Use{Treatment: "fake.emial"}, "treat", `"fake.email"`},
		{"unknown treatment", column(tText), Use{Treatment: "quux"}, "treat", "no treatment"},
		{"misspelt parameter", column(tText), Use{Treatment: "mask", Params: p("keep_frist", int64(1))}, "keep_frist", `"keep_first"`},
		{"parameter of none", column(tText), Use{Treatment: "redact", Params: p("x", int64(1))}, "x", "takes none"},
		{"wrong type", column(tInt4), Use{Treatment: "mask"}, "treat", "it takes text"},
		{"wrong element type", column(arrayOf(tInt4)), Use{Treatment: "mask"}, "treat", "it takes text"},
		{"null on NOT NULL", notNull, Use{Treatment: "null"}, "treat", "NOT NULL"},
		{"mask two characters", column(tText), Use{Treatment: "mask", Params: p("with", "**")}, "with", "one"},
		{"mask with a blank", column(tText), Use{Treatment: "mask", Params: p("with", " ")}, "with", "visible"},
		{"mask with a number", column(tText), Use{Treatment: "mask", Params: p("with", int64(0))}, "with", "quote"},
		{"mask keeps all", column(textType(4)), Use{Treatment: "mask", Params: p("keep_last", int64(4))}, "keep_first", "all 4"},
		{"mask keeps less than none", column(tText), Use{Treatment: "mask", Params: p("keep_last", int64(-1))}, "keep_last", "0"},
		{"short token", column(textType(21)), Use{Treatment: "token"}, "treat", "22 characters"},
		{"short token with prefix", column(textType(24)), Use{Treatment: "token", Params: p("prefix", "abc")}, "treat", "25 characters"},
		{"short citext", column(catalog.Type{Family: catalog.Text, MaxLen: 24, CaseInsensitive: true}), Use{Treatment: "token"}, "treat", "26 characters"},
		{"token without range", column(tInt4), Use{Treatment: "token"}, "range", "needs it"},
		{"range of text", column(tText), Use{Treatment: "token", Params: p("range", []any{int64(1), int64(2)})}, "range", "means nothing"},
		{"range upside down", column(tInt4), Use{Treatment: "token", Params: p("range", []any{int64(5), int64(2)})}, "range", "lower first"},
		{"range beyond the type", column(tInt2), Use{Treatment: "token", Params: p("range", []any{int64(0), int64(32768)})}, "range", "32767"},
		{"range beyond the precision", column(tMoney), Use{Treatment: "token", Params: p("range", []any{int64(0), int64(100000000)})}, "range", "99999999"},
		{"token per subject", column(tText), Use{Treatment: "token", Subject: "id", SubjectType: &tInt4}, "subject", "value"},
		{"as without subject", column(tText), Use{Treatment: "fake.email", As: "person"}, "as", "subject"},
		{"subject without type", column(tText), Use{Treatment: "fake.email", Subject: "id"}, "subject", "type"},
		{"short e-mail", column(textType(19)), Use{Treatment: "fake.email"}, "treat", "20 characters"},
		{"shift by nothing", column(tDate), Use{Treatment: "shift", Params: p("days", int64(0))}, "days", "1 to"},
		{"constant missing", column(tText), Use{Treatment: "constant"}, "value", "needs it"},
		{"constant null", column(tText), Use{Treatment: "constant", Params: p("value", nil)}, "value", "treatment null"},
		{"constant too long", column(textType(2)), Use{Treatment: "constant", Params: p("value", "abc")}, "value", "3 characters"},
		{"constant no integer", column(tInt4), Use{Treatment: "constant", Params: p("value", "x")}, "value", "whole number"},
		{"constant too large", column(tInt2), Use{Treatment: "constant", Params: p("value", int64(40000))}, "value", "16 bits"},
		{"constant no label", column(tEnum), Use{Treatment: "constant", Params: p("value", "hapy")}, "value", `"happy"`},
		{"constant no date", column(tDate), Use{Treatment: "constant", Params: p("value", "2023-02-29")}, "value", "ISO"},
		{"constant no uuid", column(tUUID), Use{Treatment: "constant", Params: p("value", "x")}, "value", "UUID"},
		{"constant no numeric", column(tMoney), Use{Treatment: "constant", Params: p("value", "123456789")}, "value", "fit"},
		{"constant no bool", column(tBool), Use{Treatment: "constant", Params: p("value", "maybe")}, "value", "true or false"},
		{"constant unquoted", column(tText), Use{Treatment: "constant", Params: p("value", int64(7))}, "value", "quote"},
		{"paths elsewhere", column(tText), Use{Treatment: "mask", Paths: []Path{{}}}, "paths", "json"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Check(c.col, c.use)
			var p *ParamError
			if !errors.As(err, &p) || p.Param != c.param || !strings.Contains(p.Text, c.say) {
				t.Errorf("got %v; want %s with %q", err, c.param, c.say)
			}
			if _, err := Compile(c.col, c.use, testKeys(t)); err == nil {
				t.Error("Compile accepts what Check does not")
			}
		})
	}
}
