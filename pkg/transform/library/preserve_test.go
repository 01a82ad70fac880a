package library_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// A treatment must preserve what it claims, on every column, with the exceptions in its documentation. At least one
// column must prove each claim.
func TestTreatmentsKeepTheirClaims(t *testing.T) {
	words := []string{transform.Uniqueness, transform.Order, transform.Equality, transform.Length, transform.Format}
	proven := map[string]int{}
	for _, c := range append(conformers(), formatted()...) {
		spec, _ := library.Lookup(c.use.Treatment)
		for _, claim := range spec.Preserves {
			if !slices.Contains(words, claim) {
				t.Errorf("%s: %q is not an allowed claim", spec.Name, claim)
			}
			if c.typ.Family == catalog.Array || !c.claims(t, claim) {
				continue
			}
			tr := transformtest.Compile(t, c.typ, c.use)
			rapid.Check(t, func(rt *rapid.T) {
				if c.preserves(rt, tr, claim) {
					proven[spec.Name+" "+claim]++
				}
			})
		}
	}
	for _, spec := range library.All() {
		for _, claim := range spec.Preserves {
			if proven[spec.Name+" "+claim] == 0 {
				t.Errorf("%s: no test case shows that it preserves %s", spec.Name, claim)
			}
		}
	}
}

// formatted lists uses that preserve the format. Other uses of the same treatments do not preserve it.
func formatted() []conformer {
	return []conformer{
		{transformtest.Text, transform.Use{Treatment: "mask", Params: transform.Params{"cover": "class", "separators": "keep"}}},
		{transformtest.Text, transform.Use{Treatment: "permute", Params: transform.Params{"separators": " @.-"}}},
		{transformtest.Text, transform.Use{Treatment: "generalize.postcode", Params: transform.Params{"prefix": int64(1)}}},
		{transformtest.Enum, transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"sad": "ok", "ok": "happy", "happy": "sad"}, "otherwise": "stop"}}},
	}
}

// claims reports whether this use must preserve what the claim says. The exceptions below are written by hand from the
// documentation.
func (c conformer) claims(t *testing.T, claim string) bool {
	traits, err := library.Check(transformtest.Column(c.typ), c.use)
	if err != nil {
		t.Fatal(err)
	}
	text, anchored := c.typ.Family == catalog.Text, c.use.Subject != ""
	switch claim {
	case transform.Uniqueness:
		return traits.Unique
	case transform.Equality:
		return traits.Equality && !anchored
	case transform.Order:
		return c.use.Treatment == "shift" && anchored || c.use.Treatment != "shift" && !text
	case transform.Length:
		return c.use.Treatment != "permute" || text || c.typ.Family == catalog.UUID
	case transform.Format:
		switch c.use.Treatment {
		case "permute":
			return text && c.use.Params["alphabet"] == nil
		case "mask":
			return c.use.Params["cover"] == "class"
		case "generalize.postcode":
			return c.use.Params["prefix"] == int64(1)
		case "truncate":
			return !text
		}
	}
	return true
}

// preserves takes random values and checks one claim. It returns false if the treatment cannot take the values.
func (c conformer) preserves(rt *rapid.T, tr transform.Transform, claim string) bool {
	a, b := c.value(rt, "a"), c.value(rt, "b")
	if claim == transform.Equality {
		b = c.equal(a)
	}
	treated := func(in string) (string, bool) {
		out, null, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, transformtest.Row("7"))
		return string(out), !null && err == nil
	}
	x, ok1 := treated(a)
	y, ok2 := treated(b)
	if !ok1 || !ok2 {
		return false
	}
	held := true
	switch claim {
	case transform.Equality:
		held = c.canonical(x) == c.canonical(y)
	case transform.Uniqueness:
		held = c.canonical(a) == c.canonical(b) || c.canonical(x) != c.canonical(y)
	case transform.Order:
		if before, ok := c.compare(a, b); ok {
			after, _ := c.compare(x, y)
			held = before == 0 && after == 0 || before < 0 && after <= 0 || before > 0 && after >= 0
		}
	case transform.Length:
		held = utf8.RuneCountInString(c.canonical(a)) == utf8.RuneCountInString(c.canonical(x))
	case transform.Format:
		held = c.shape(a) == c.shape(x)
	}
	if !held {
		rt.Fatalf("%s: %s is lost: %q became %q, %q became %q", c, claim, a, x, b, y)
	}
	return true
}

func (c conformer) value(rt *rapid.T, name string) string {
	stamp := func() string {
		m := moment.Moment{Day: rapid.Int64Range(-100000, 100000).Draw(rt, name)}
		if c.typ.Family == catalog.Date {
			return string(m.Append(nil))
		}
		zone := map[bool]string{true: "+00"}[c.typ.Family == catalog.TimestampTZ]
		return string(moment.AppendStamp(nil, m, moment.Clock{Micros: rapid.Int64Range(0, moment.DayMicros-1).Draw(rt, name), Decimals: 6, Zone: []byte(zone)}))
	}
	whole := rapid.IntRange(-30000, 30000).Draw(rt, name)
	switch c.typ.Family {
	case catalog.Integer:
		return fmt.Sprint(whole)
	case catalog.Numeric:
		cents := rapid.IntRange(0, 99).Draw(rt, name)
		if strings.HasPrefix(c.use.Treatment, "permute") || c.use.Treatment == "token" {
			cents = 0
		}
		return fmt.Sprintf("%d.%02d", whole, cents)
	case catalog.Float:
		return string(decimal.AppendUnits(nil, int64(whole), 3, -1))
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		return stamp()
	case catalog.Boolean:
		return rapid.SampledFrom([]string{"t", "f"}).Draw(rt, name)
	case catalog.Enum:
		return rapid.SampledFrom(c.typ.Labels).Draw(rt, name)
	case catalog.UUID:
		return rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`).Draw(rt, name)
	case catalog.Inet:
		return rapid.StringMatching(`1?[0-9]\.2?[0-4]\.[1-9]\.[1-9]`).Draw(rt, name)
	case catalog.JSON:
		return fmt.Sprintf(`{"a": "v%d"}`, whole)
	case catalog.Bytes:
		return fmt.Sprintf(`\x%04x`, whole+30000)
	}
	if strings.Contains(c.use.Treatment, "postcode") {
		return rapid.StringMatching(`[A-Z0-9]{2,4} [A-Z0-9]{3}`).Draw(rt, name)
	}
	if c.use.Params["cover"] == "class" {
		return rapid.StringMatching(`[A-Zb-w1-9][A-Z0-9a-zé -]{0,12}[A-Wb-w1-9]`).Draw(rt, name)
	}
	return rapid.StringMatching(`[A-Z0-9a-zé@. -]{0,12}[a-z]`).Draw(rt, name)
}

// equal returns another form of the value that is equal under the type's rules, if there is one.
func (c conformer) equal(v string) string {
	switch {
	case c.typ.CaseInsensitive:
		return strings.ToUpper(v)
	case c.typ.Padded:
		return v + "  "
	case c.typ.Family == catalog.Numeric && c.typ.Precision == 0:
		return v + "0"
	}
	return v
}

func (c conformer) canonical(v string) string { return string(canon.Append(nil, &c.typ, []byte(v))) }

func (c conformer) compare(a, b string) (int, bool) {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if okX && okY {
		return x.Cmp(y), true
	}
	return strings.Compare(a, b), !slices.Contains(treatment.TimeFamilies(), c.typ.Family) || a > "1" && b > "1"
}

// shape returns the properties that the claim Format is about: character classes of texts, sign and decimals of
// numbers, parts of dates.
func (c conformer) shape(v string) string {
	if slices.Contains(treatment.NumericFamilies(), c.typ.Family) {
		_, frac, _ := strings.Cut(v, ".")
		if c.typ.Family == catalog.Float {
			frac = "" // floats drop trailing zeros
		}
		return fmt.Sprint(strings.HasPrefix(v, "-"), len(frac))
	}
	if slices.Contains(treatment.TimeFamilies(), c.typ.Family) {
		v, _, _ = strings.Cut(v, ".")
		v = strings.TrimSuffix(v, "+00")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r):
			return 'a'
		}
		return r
	}, v)
}
