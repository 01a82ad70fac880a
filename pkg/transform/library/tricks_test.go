package library_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// using returns a use of a treatment. The pairs are names and values of parameters.
func using(name string, pairs ...any) transform.Use {
	u := transform.Use{Treatment: name}
	for i := 0; i < len(pairs); i += 2 {
		if u.Params == nil {
			u.Params = transform.Params{}
		}
		u.Params[pairs[i].(string)] = pairs[i+1]
	}
	return u
}

func numbers(n ...any) []any { return n }

// numericOf returns the type numeric(precision,scale).
func numericOf(precision, scale int) catalog.Type {
	return catalog.Type{Name: fmt.Sprintf("numeric(%d,%d)", precision, scale), Base: "numeric", Family: catalog.Numeric, Precision: precision, Scale: scale}
}

func rewritten(pattern, replace string) transform.Use {
	return using("regex", "pattern", pattern, "replace", replace)
}

// parts returns a use of a treatment such as json. The pairs are paths and the treatment of each path.
func parts(name string, pairs ...any) transform.Use {
	u := transform.Use{Treatment: name}
	for i := 0; i < len(pairs); i += 2 {
		p := transform.Path{Path: pairs[i].(string)}
		switch v := pairs[i+1].(type) {
		case string:
			p.Use = transform.Use{Treatment: v}
		case transform.Use:
			p.Use = v
		}
		u.Paths = append(u.Paths, p)
	}
	return u
}

// trick is a rule for a column of one type, and the disclosure label that the plan must give to the rule.
type trick struct {
	typ  catalog.Type
	use  transform.Use
	want transform.Disclosure
}

// tricks returns rules that look like treatments but leave the value readable, and similar rules that hide the value.
func tricks() []trick {
	return slices.Concat(bandTricks(), textTricks(), changeTricks(), partTricks())
}

func bandTricks() []trick {
	stamp0 := catalog.Type{Name: "timestamp(0) without time zone", Base: "timestamp", Family: catalog.Timestamp}
	cidr := catalog.Type{Name: "cidr", Base: "cidr", Family: catalog.Inet}
	return []trick{
		{transformtest.Int4, using("generalize.number", "width", int64(1)), "unchanged"},
		{transformtest.Int4, using("generalize.number", "width", int64(2)), "generalised"},
		{numericOf(8, 2), using("generalize.number", "width", "0.01"), "unchanged"},
		{numericOf(8, 2), using("generalize.number", "width", "0.05"), "unchanged"},
		{numericOf(8, 2), using("generalize.number", "width", "0.1"), "generalised"},
		{numericOf(8, 0), using("generalize.number", "width", int64(1)), "unchanged"},
		{transformtest.Float, using("generalize.number", "width", "0.000000001"), "unchanged"},
		{transformtest.Float, using("generalize.number", "width", int64(1)), "unchanged"}, // whole numbers in a column of floats
		{transformtest.Float, using("generalize.number", "width", int64(2)), "generalised"},
		{transformtest.Numeric, using("generalize.number", "width", "0.5"), "unchanged"},
		{transformtest.Int4, using("generalize.number", "bounds", numbers(int64(0), int64(18), int64(65))), "generalised"},
		{transformtest.Int4, using("generalize.number", "bounds", numbers(int64(0), int64(1), int64(2), int64(3))), "unchanged"},
		{transformtest.Int4, using("generalize.number", "bounds", numbers(int64(0), int64(17), int64(18), int64(65))), "unchanged"},
		{transformtest.Int4, using("generalize.age"), "generalised"},
		{transformtest.Float, using("generalize.geo", "decimals", int64(2)), "generalised"},
		{transformtest.Float, using("generalize.geo", "decimals", int64(4)), "unchanged"},
		{transformtest.Inet, using("generalize.ip"), "generalised"},
		{transformtest.Inet, using("generalize.ip", "v4", int64(31)), "unchanged"},
		{transformtest.Inet, using("generalize.ip", "v6", int64(127)), "unchanged"},
		{cidr, using("generalize.ip"), "unchanged"}, // a /16 has no host part
		{transformtest.Text, using("generalize.postcode"), "generalised"},
		{transformtest.Text, using("generalize.postcode", "prefix", int64(6)), "unchanged"},
		{transformtest.Date, using("generalize.date", "to", "month"), "generalised"},
		{transformtest.Date, using("truncate", "to", "month"), "generalised"},
		{stamp0, using("truncate", "to", "second"), "unchanged"},
		{transformtest.StampTZ, using("truncate", "to", "minute"), "unchanged"},
		{transformtest.StampTZ, using("truncate", "to", "hour"), "generalised"},
		{transformtest.Text, using("truncate", "length", int64(10000)), "generalised"}, // at most half of a text stays
	}
}

func textTricks() []trick {
	return []trick{
		{transformtest.Text, using("mask", "keep_first", int64(1)), "generalised"},
		{transformtest.Text, using("mask", "only", "digits", "least", int64(1)), "unchanged"},
		{transformtest.Text, using("mask", "least", int64(24)), "unchanged"},
		{transformtest.Text, rewritten(`(.*)`, `-${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(\d)(.*)`, `${2}${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(.*)x?`, `${1}!`), "unchanged"},
		{transformtest.Text, rewritten(`(.*).`, `${1}0`), "unchanged"},
		{transformtest.Text, rewritten(`(.*)(.*)`, `${1}!`), "unchanged"}, // the first group takes the whole text
		{transformtest.Text, rewritten(`(a*)(.*)`, `${2}!`), "unchanged"},
		{transformtest.Text, rewritten(`cus_(\d+)`, `${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(HIV)|.*`, `x${1}`), "unchanged"}, // one value has a result of its own
		{transformtest.Text, rewritten(`(\w+)@(\w+)`, `${2}@${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(?P<a>.)(?P<b>.)(?P<c>.)(?P<d>.)`, `${d}${c}${b}${a}`), "unchanged"},
		{transformtest.Text, rewritten(`(.{8}).*`, `-${1}`), "unchanged"},                                   // short values stay
		{transformtest.Text, rewritten(`(?:a\d{4}|b(\d{4}))(?:(\d{4})a|\d{4}b)`, `x${1}${2}`), "unchanged"}, // one pair of alternatives loses nothing
		{transformtest.Text, rewritten(`(?:x\d\d)?(?:y\d\d)?(?:z\d\d)?(?:u\d\d)?-(\d)\d*`, `${1}`), "generalised"},
		{transformtest.Text, rewritten(`([A-Z]{2})-\d+`, `${1}-0000`), "generalised"},
		{transformtest.Text, rewritten(`.+@([a-z.]+)`, `someone@${1}`), "generalised"},
		{transformtest.Text, rewritten(`.*`, `gone`), "suppressed"},
		{transformtest.Text, rewritten(`(.)`+strings.Repeat("(?:", 100)+strings.Repeat(")*", 100)+`.*`, `${1}`), "unchanged"}, // too many steps to tell
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "y"}, "otherwise", "stop"), "unchanged"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "y"}, "default", "z"), "unchanged"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "x"}, "otherwise", "stop"), "generalised"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "x", "c": "z"}, "default", "z"), "generalised"},
		{transformtest.Text, using("map", "values", map[string]any{"M": "1", "m": "1", "F": "2", " f ": "2"}, "otherwise", "stop"), "unchanged"},
		{transformtest.Text, using("map", "values", map[string]any{"H.I.V.": "x", "HIV": "x", "Flu": "y", "Cold": "y"}, "otherwise", "stop"), "unchanged"},
		{transformtest.Enum, using("map", "values", map[string]any{"sad": "ok", "ok": "happy", "happy": "sad"}, "otherwise", "stop"), "unchanged"},
	}
}

func changeTricks() []trick {
	percent := catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32, Least: "0", Most: "100000"}
	return []trick{
		{transformtest.Money, using("noise", "ratio", "0.000001"), "unchanged"},
		{transformtest.Money, using("noise", "ratio", "0.1"), "generalised"},
		{transformtest.Int4, using("noise", "amount", int64(1)), "unchanged"},
		{transformtest.Int4, using("noise", "amount", int64(5)), "generalised"},
		{percent, using("noise", "amount", int64(5)), "unchanged"}, // the column has numbers up to 100,000
		{transformtest.Date, using("noise", "amount", "3d"), "unchanged"},
		{transformtest.StampTZ, using("noise", "amount", "3s"), "unchanged"},
		{transformtest.Date, using("shift", "days", int64(1)), "unchanged"},
		{transformtest.Date, using("shift"), "pseudonymised"},
		{transformtest.StampTZ, using("shift"), "pseudonymised"},
		{transformtest.StampTZ, using("shift", "time", "keep"), "unchanged"},
		{transformtest.Text, using("permute", "alphabet", "digits", "separators", "abcdefghijklmnopqrstuvwxyz"), "unchanged"},
		{transformtest.Text, using("permute", "separators", "-"), "pseudonymised"},
		{transformtest.Text, using("command", "run", numbers("./treat")), "unchanged"},
		{transformtest.Text, using("scrub"), "unchanged"},
	}
}

func partTricks() []trick {
	return []trick{
		{transformtest.JSONB, parts("json", "$..*", "redact"), "generalised"}, // the keys stay
		{transformtest.JSONB, parts("json", "$..*", "redact", "$..*~", "redact"), "suppressed"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$.a", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$.a.**", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$..*~", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$.a", "redact", `$[?(@.salary == 5000)].b`, "redact", "$[*].b", "null"), "unchanged"}, // whether b is redacted or null shows the salary
		{transformtest.JSONB, parts("json", "$.n", using("generalize.number", "width", int64(1))), "unchanged"},
		{transformtest.XML, parts("xml", "//*", "redact"), "generalised"},
		{transformtest.XML, parts("xml", "//*", "redact", "/a/b", "keep"), "unchanged"},
		{transformtest.Hstore, parts("hstore", "*", "redact"), "generalised"},
		{transformtest.Hstore, parts("hstore", "*", "redact", "*~", "keep"), "unchanged"},
		{transformtest.Text, parts("csv", "1", "redact", "2", "keep"), "unchanged"},
		{transformtest.Pair, parts("fields", "a", "keep", "b", "redact"), "unchanged"},
		{transformtest.ArrayOf(transformtest.Int4), using("generalize.number", "width", int64(1)), "unchanged"},
		{transformtest.ArrayOf(transformtest.Text), using("keep"), "unchanged"},
	}
}
