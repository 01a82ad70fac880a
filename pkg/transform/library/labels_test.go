package library_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// The label of a rule says how much its results tell. The function tricks returns rules that look like treatments. Many
// of these rules leave the value readable.
func TestP2LabelsSayWhatAValueTells(t *testing.T) {
	for _, c := range tricks() {
		traits, err := library.Check(transformtest.Column(c.typ), c.use)
		if err != nil || traits.Discloses != c.want {
			t.Errorf("%s on %s: %s, %v; want %s", ruleOf(c.use), c.typ.Name, traits.Discloses, err, c.want)
		}
	}
}

// ruleOf describes a use in the errors of a test.
func ruleOf(u transform.Use) string { return fmt.Sprint(u.Treatment, u.Params, u.Paths, u.When) }

// person returns a use of a treatment with the subject of the row.
func person(name string, pairs ...any) transform.Use {
	u := using(name, pairs...)
	u.Subject, u.SubjectType, u.As = "id", &transformtest.Int4, "person"
	return u
}

// A formula discloses as much as the columns in it, even if it changes their values.
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

// resolvedReads sets the columns that a use reads to columns of the sample row.
func resolvedReads(t *testing.T, u transform.Use) transform.Use {
	t.Helper()
	u, _ = transformtest.WithReads(t, u)
	return u
}

// banded returns a rule with nested conditions that divide a column into bands. Each band has its own constant. The
// bands begin at the limits.
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

// when returns a rule with a condition that chooses one of two constants. The argument kept says whether the columns of
// the condition are kept.
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

// A condition tells something about its columns, even if the results are constants.
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
		"whether a text is empty":                   {when(t, `kind != ""`, false), "generalised"},
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

// branchOf returns a rule whose condition reads a kept column. One branch has the given treatment.
func branchOf(t *testing.T, u transform.Use) transform.Use {
	t.Helper()
	c := when(t, `n > 5`, true)
	u.When, u.Else, u.Reads = c.When, c.Else, c.Reads
	return u
}

// mixed returns a rule whose condition tests one value of a kept column, and a band of another column.
func mixed(t *testing.T) transform.Use {
	t.Helper()
	u := when(t, `kind == "person" and price > 1000`, true)
	u.Reads[1].Kept = false
	return u
}

// The label of a column is never higher than the label that the reference gives for its treatment.
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

// Every treatment has a Learns text. A parameter may say that a larger or a smaller value tells more only if its values
// have an order.
func TestP2EveryTreatmentSaysWhatItTells(t *testing.T) {
	for _, spec := range library.All() {
		if spec.Learns == "" {
			t.Errorf("%s does not say what somebody learns who knows one value", spec.Name)
		}
		for _, p := range spec.Params {
			ordered := p.Type == "boolean" || p.Type == "integer" || strings.HasPrefix(p.Type, "number") || strings.Contains(p.Type, "|")
			if (p.Tells == transform.Larger || p.Tells == transform.Smaller) && !ordered {
				t.Errorf("%s: the values of %s have no order", spec.Name, p.Name)
			}
		}
	}
}

// The label of a rule without a schema (AtMost) is never lower than the label of the rule in a plan.
func TestP2RulesWithoutASchemaNeverSayLessThanAPlan(t *testing.T) {
	order := transform.Disclosures()
	check := func(typ catalog.Type, u transform.Use) {
		t.Helper()
		traits, err := library.Check(transformtest.Column(typ), u)
		bare := u
		bare.Subject, bare.SubjectType, bare.Reads = "", nil, nil
		most, exact := library.AtMost(bare)
		if is, limit := slices.Index(order, traits.Discloses), slices.Index(order, most); err != nil || is > limit || exact && is != limit {
			t.Errorf("%s on %s: a plan says %s, %v; without a schema %s, exact: %v", ruleOf(u), typ.Name, traits.Discloses, err, most, exact)
		}
	}
	for _, c := range conformers() {
		check(c.typ, c.use)
	}
	for _, c := range tricks() {
		check(c.typ, c.use)
	}
	for _, spec := range library.All() {
		for _, e := range spec.Examples {
			check(e.Type, e.Use)
		}
	}
	check(transformtest.Text, when(t, `kind == "person"`, false))
	check(transformtest.JSONB, parts("json", "$.name", person("fake.given_name"), "$.note", "redact"))
	if most, exact := library.AtMost(transform.Use{Treatment: "fake.given_name", As: "person"}); most != transform.Synthetic || !exact {
		t.Errorf("an invented name of a person: at most %s, exact: %v", most, exact)
	}
}
