package library_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// using returns a use of a treatment with parameters, given as names and values.
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

// parts returns a use with a treatment for each path.
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

// Every trick that was seen, and more: rules that look like a treatment and leave the value readable.
func TestP2LabelsSayWhatAValueTells(t *testing.T) {
	stamp0 := catalog.Type{Name: "timestamp(0) without time zone", Base: "timestamp", Family: catalog.Timestamp}
	cidr := catalog.Type{Name: "cidr", Base: "cidr", Family: catalog.Inet}
	percent := catalog.Type{Name: "integer", Base: "int4", Family: catalog.Integer, Bits: 32, Least: "0", Most: "100000"}
	for _, c := range []struct {
		typ  catalog.Type
		use  transform.Use
		want transform.Disclosure
	}{
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

		{transformtest.Text, using("mask", "keep_first", int64(1)), "generalised"},
		{transformtest.Text, using("mask", "only", "digits", "least", int64(1)), "unchanged"},
		{transformtest.Text, using("mask", "least", int64(24)), "unchanged"},
		{transformtest.Text, rewritten(`(.*)`, `-${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(\d)(.*)`, `${2}${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(.*)x?`, `${1}!`), "unchanged"},
		{transformtest.Text, rewritten(`(.*).`, `${1}0`), "unchanged"},
		{transformtest.Text, rewritten(`(.*)(.*)`, `${1}!`), "unchanged"}, // the first group takes all
		{transformtest.Text, rewritten(`(a*)(.*)`, `${2}!`), "unchanged"},
		{transformtest.Text, rewritten(`cus_(\d+)`, `${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(HIV)|.*`, `x${1}`), "unchanged"}, // one value stands alone
		{transformtest.Text, rewritten(`(\w+)@(\w+)`, `${2}@${1}`), "unchanged"},
		{transformtest.Text, rewritten(`(?P<a>.)(?P<b>.)(?P<c>.)(?P<d>.)`, `${d}${c}${b}${a}`), "unchanged"},
		{transformtest.Text, rewritten(`([A-Z]{2})-\d+`, `${1}-0000`), "generalised"},
		{transformtest.Text, rewritten(`.+@([a-z.]+)`, `someone@${1}`), "generalised"},
		{transformtest.Text, rewritten(`.*`, `gone`), "suppressed"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "y"}, "otherwise", "stop"), "unchanged"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "y"}, "default", "z"), "unchanged"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "x"}, "otherwise", "stop"), "generalised"},
		{transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "x", "c": "z"}, "default", "z"), "generalised"},
		{transformtest.Enum, using("map", "values", map[string]any{"sad": "ok", "ok": "happy", "happy": "sad"}, "otherwise", "stop"), "unchanged"},

		{transformtest.Money, using("noise", "ratio", "0.000001"), "unchanged"},
		{transformtest.Money, using("noise", "ratio", "0.1"), "generalised"},
		{transformtest.Int4, using("noise", "amount", int64(1)), "unchanged"},
		{transformtest.Int4, using("noise", "amount", int64(5)), "generalised"},
		{percent, using("noise", "amount", int64(5)), "unchanged"}, // numbers up to 100,000
		{transformtest.Date, using("noise", "amount", "1d"), "unchanged"},
		{transformtest.StampTZ, using("noise", "amount", "1s"), "unchanged"},
		{transformtest.Date, using("shift", "days", int64(1)), "unchanged"},
		{transformtest.Date, using("shift"), "pseudonymised"},
		{transformtest.Text, using("permute", "alphabet", "digits", "separators", "abcdefghijklmnopqrstuvwxyz"), "unchanged"},
		{transformtest.Text, using("permute", "separators", "-"), "pseudonymised"},
		{transformtest.Text, using("command", "run", numbers("./treat")), "unchanged"},
		{transformtest.Text, using("scrub"), "unchanged"},

		{transformtest.JSONB, parts("json", "$..*", "redact"), "generalised"}, // the keys stay
		{transformtest.JSONB, parts("json", "$..*", "redact", "$..*~", "redact"), "suppressed"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$.a", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$.a.**", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$..*", "redact", "$..*~", "keep"), "unchanged"},
		{transformtest.JSONB, parts("json", "$.a", "redact", `$[?(@.salary == 5000)].b`, "redact", "$[*].b", "null"), "unchanged"}, // the treatment shows the salary
		{transformtest.JSONB, parts("json", "$.n", using("generalize.number", "width", int64(1))), "unchanged"},
		{transformtest.XML, parts("xml", "//*", "redact"), "generalised"},
		{transformtest.XML, parts("xml", "//*", "redact", "/a/b", "keep"), "unchanged"},
		{transformtest.Hstore, parts("hstore", "*", "redact"), "generalised"},
		{transformtest.Hstore, parts("hstore", "*", "redact", "*~", "keep"), "unchanged"},
		{transformtest.Text, parts("csv", "1", "redact", "2", "keep"), "unchanged"},
		{transformtest.Pair, parts("fields", "a", "keep", "b", "redact"), "unchanged"},
		{transformtest.ArrayOf(transformtest.Int4), using("generalize.number", "width", int64(1)), "unchanged"},
		{transformtest.ArrayOf(transformtest.Text), using("keep"), "unchanged"},
	} {
		traits, err := library.Check(transformtest.Column(c.typ), c.use)
		if err != nil || traits.Discloses != c.want {
			t.Errorf("%s on %s: %s, %v; want %s", ruleOf(c.use), c.typ.Name, traits.Discloses, err, c.want)
		}
	}
}

// ruleOf describes a use in the errors of a test.
func ruleOf(u transform.Use) string { return fmt.Sprint(u.Treatment, u.Params, u.Paths, u.When) }

// person returns a treatment that invents a value for the row's subject.
func person(name string, pairs ...any) transform.Use {
	u := using(name, pairs...)
	u.Subject, u.SubjectType, u.As = "id", &transformtest.Int4, "person"
	return u
}

// A formula tells what its columns tell, however it hides them.
func TestP2FormulasTellWhatTheirColumnsTell(t *testing.T) {
	kept := &transform.Use{Treatment: "keep"}
	fake := person("fake.given_name")
	band := using("generalize.number", "width", int64(1))
	for value, c := range map[string]struct {
		read *transform.Use
		want transform.Disclosure
	}{
		`old.name`:                       {nil, "unchanged"},
		`lower("x" + old.name)`:          {nil, "unchanged"},
		`old.name[0:3]`:                  {nil, "unchanged"},
		`old.customer_id.country`:        {nil, "unchanged"},
		`new.name`:                       {kept, "unchanged"},
		`new.name + "@example.com"`:      {kept, "unchanged"},
		`new.customer_id.country + "-x"`: {kept, "unchanged"},
		`lower(new.name)`:                {&fake, "synthetic"},
		`new.n > 3 ? "a" : "b"`:          {&band, "unchanged"},
		`upper("n/a")`:                   {nil, "suppressed"},
	} {
		u := resolvedReads(t, using("expr", "value", value))
		for i := range u.Reads {
			if u.Reads[i].Use != nil {
				u.Reads[i].Use = c.read
			}
		}
		traits, err := library.Check(transformtest.Column(transformtest.Text), u)
		if err != nil || traits.Discloses != c.want {
			t.Errorf("%s: %s, %v; want %s", value, traits.Discloses, err, c.want)
		}
	}
	for read, want := range map[string]transform.Disclosure{"keep": "unchanged", "redact": "synthetic"} {
		u := person("fake.city", "country", "country")
		u.Reads = []transform.Read{{Name: "country", Type: transformtest.Text, Use: &transform.Use{Treatment: read}}}
		traits, err := library.Check(transformtest.Column(transformtest.Text), u)
		if err != nil || traits.Discloses != want {
			t.Errorf("a city of the country, with %s: %s, %v; want %s", read, traits.Discloses, err, want)
		}
	}
}

// resolvedReads resolves the columns that a use reads with the columns of the sample row.
func resolvedReads(t *testing.T, u transform.Use) transform.Use {
	t.Helper()
	u, _ = transformtest.WithReads(t, u)
	return u
}

// banded returns nested conditions that divide a column into bands, around constants. The bands begin at the limits.
func banded(t *testing.T, column string, limits ...string) transform.Use {
	t.Helper()
	u := using("constant", "value", "band 0")
	for i, limit := range limits {
		other := u
		u = using("constant", "value", fmt.Sprintf("band %d", i+1))
		u.When, u.Else = column+" >= "+limit, &other
		u = resolvedReads(t, u)
	}
	return u
}

// when returns a rule of two constants with a condition.
func when(t *testing.T, condition string, kept bool) transform.Use {
	t.Helper()
	u := using("constant", "value", "a")
	u.When, u.Else = condition, &transform.Use{Treatment: "constant", Params: transform.Params{"value": "b"}}
	u = resolvedReads(t, u)
	for i := range u.Reads {
		u.Reads[i].Kept = kept
	}
	return u
}

// A condition tells what its columns hold, whatever the values around it are.
func TestP2ConditionsTellWhatTheirColumnsTell(t *testing.T) {
	var salaries []string
	for n := 1000; n <= 14000; n += 1000 {
		salaries = append(salaries, fmt.Sprint(n))
	}
	for name, c := range map[string]struct {
		use  transform.Use
		want transform.Disclosure
	}{
		"14 conditions make a band of salaries":     {banded(t, "price", salaries...), "generalised"},
		"bands of one number":                       {banded(t, "n", "1", "2", "3"), "unchanged"},
		"bands of two numbers":                      {banded(t, "n", "1", "3", "5"), "generalised"},
		"bands of one cent":                         {banded(t, "price", "1.00", "1.01"), "unchanged"},
		"bands of one day":                          {banded(t, "born", `"1984-02-28"`, `"1984-02-29"`), "unchanged"},
		"bands of years":                            {banded(t, "born", `"1980-01-01"`, `"1990-01-01"`), "generalised"},
		"an age limit":                              {when(t, `born < "2008-01-01"`, false), "generalised"},
		"a limit":                                   {when(t, `-5 < price`, false), "generalised"},
		"one number between two limits":             {when(t, `n >= 5 and n <= 5`, false), "unchanged"},
		"one number between limits of two sides":    {when(t, `n > 4 and 6 > n`, false), "unchanged"},
		"a number that is no whole step":            {when(t, `rate < 0.5 or rate <= 0.5`, false), "unchanged"},
		"one value":                                 {when(t, `kind == "person"`, false), "unchanged"},
		"one value of a list":                       {when(t, `kind in ["a"]`, false), "unchanged"},
		"one value as a pattern":                    {when(t, `kind matches "^HIV$"`, false), "unchanged"},
		"one value calculated":                      {when(t, `abs(n - 5) < 1`, false), "unchanged"},
		"two columns compared":                      {when(t, `price < n`, false), "unchanged"},
		"a text between two texts":                  {when(t, `kind > "HIU"`, false), "unchanged"},
		"a boolean":                                 {when(t, `yes`, false), "unchanged"},
		"a boolean, denied":                         {when(t, `not yes`, false), "unchanged"},
		"a label":                                   {when(t, `mood == "sad"`, false), "unchanged"},
		"a parent's column":                         {when(t, `customer_id.country == "DE"`, false), "unchanged"},
		"whether there is a value":                  {when(t, `kind != nil`, false), "generalised"},
		"a kept column":                             {when(t, `kind == "person"`, true), "generalised"},
		"no column":                                 {when(t, `true`, false), "suppressed"},
		"a condition of the other rows":             {elseWhen(t), "unchanged"},
		"a kept value in one branch":                {branch(t, "keep"), "unchanged"},
		"an invented value in one branch":           {branch(t, "fake.given_name"), "pseudonymised"},
		"a value that is read off in one branch":    {branchOf(t, rewritten(`(.*)`, `-${1}`)), "unchanged"},
		"a number of a kept column and of a hidden": {mixed(t), "generalised"},
	} {
		traits, err := library.Check(transformtest.Column(transformtest.Text), c.use)
		if err != nil || traits.Discloses != c.want {
			t.Errorf("%s: %s, %v; want %s", name, traits.Discloses, err, c.want)
		}
	}
	limited := banded(t, "n", "99")
	limited.Reads[0].Type.Most = "99"
	if traits, err := library.Check(transformtest.Column(transformtest.Text), limited); err != nil || traits.Discloses != transform.Unchanged {
		t.Errorf("the largest number that a CHECK allows: %s, %v", traits.Discloses, err)
	}
}

func elseWhen(t *testing.T) transform.Use {
	t.Helper()
	other := when(t, `kind == "person"`, false)
	u := using("constant", "value", "c")
	u.When, u.Else = "n > 5", &other
	return resolvedReads(t, u)
}

func branch(t *testing.T, name string) transform.Use {
	t.Helper()
	return branchOf(t, using(name))
}

// branchOf returns a rule with a treatment in one branch, by a kept column.
func branchOf(t *testing.T, u transform.Use) transform.Use {
	t.Helper()
	c := when(t, `n > 5`, true)
	u.When, u.Else, u.Reads = c.When, c.Else, c.Reads
	return u
}

// mixed returns a condition on one value of a kept column, and on a band of another one.
func mixed(t *testing.T) transform.Use {
	t.Helper()
	u := when(t, `kind == "person" and price > 1000`, true)
	u.Reads[1].Kept = false
	return u
}

// No column discloses more than its treatment's limit in the reference.
func TestP2LimitsAreUpperLimits(t *testing.T) {
	order := transform.Disclosures()
	for _, c := range conformers() {
		spec, _ := library.Lookup(c.use.Treatment)
		traits, err := library.Check(transformtest.Column(c.typ), c.use)
		if err != nil || slices.Index(order, traits.Discloses) > slices.Index(order, spec.Discloses) || traits.Discloses == "" {
			t.Errorf("%s: %s, %v; the reference says at most %s", c, traits.Discloses, err, spec.Discloses)
		}
	}
}
