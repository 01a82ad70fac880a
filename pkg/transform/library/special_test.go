package library_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// specialValues returns NaN and the infinities of a family, as PostgreSQL prints them.
func specialValues(f catalog.Family) []string {
	switch f {
	case catalog.Numeric, catalog.Float:
		return []string{"NaN", "Infinity", "-Infinity"}
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		return []string{"infinity", "-infinity"}
	}
	return nil
}

// passes reports whether the treatment keeps a value because it is special.
func (c conformer) passes(in string) bool {
	traits, err := library.Check(transformtest.Column(c.typ), c.use)
	return err == nil && traits.Special == "keep" && slices.Contains(specialValues(c.typ.Family), in)
}

// All treatments with the parameter special have the same rule for special values: by default, they stay unchanged,
// like NULL. The parameter can change this.
func TestSpecialValuesHaveOneRule(t *testing.T) {
	treated := 0
	for _, c := range conformers() {
		spec, _ := library.Lookup(c.use.Treatment)
		if !slices.ContainsFunc(spec.Params, func(p transform.Param) bool { return p.Name == "special" }) {
			continue
		}
		for _, in := range specialValues(c.typ.Family) {
			treated++
			for decision, want := range map[string]string{"": in, "keep": in, "null": "", "stop": "!special-value"} {
				u := c.use
				if decision != "" {
					u.Params = transform.Params{"special": decision}
					for k, v := range c.use.Params {
						u.Params[k] = v
					}
				}
				tr := transformtest.Compile(t, c.typ, u)
				if decision != "null" {
					transformtest.Outcomes(t, tr, map[string]string{in: want})
				} else if out, null, err := tr.Append(nil, transform.Cell{Text: []byte(in)}, transformtest.Row("1")); !null || err != nil {
					t.Errorf("%s: %s became %s, %v", c, in, out, err)
				}
			}
		}
	}
	if treated < 30 {
		t.Errorf("only %d special values were tried", treated)
	}
}

func TestSpecialIsChecked(t *testing.T) {
	notNull := transformtest.Column(transformtest.Float)
	notNull.NotNull = true
	for name, c := range map[string]misuse{
		"null":  {col: notNull, use: transform.Use{Treatment: "noise", Params: params("ratio", 0.1, "special", "null")}, say: "NOT NULL"},
		"word":  {col: transformtest.Column(transformtest.Float), use: transform.Use{Treatment: "noise", Params: params("ratio", 0.1, "special", "drop")}, say: "keep or null or stop"},
		"whole": {col: transformtest.Column(transformtest.Int4), use: transform.Use{Treatment: "noise", Params: params("ratio", 0.1, "special", "keep")}, say: "means nothing"},
	} {
		if _, err := library.Check(c.col, c.use); err == nil || !strings.HasPrefix(err.Error(), "special: ") || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	traits, err := library.Check(transformtest.Column(transformtest.Numeric), transform.Use{Treatment: "token", Params: params("range", []any{int64(1), int64(9)}, "special", "null")})
	if err != nil || traits.Unique {
		t.Errorf("NaN and Infinity become NULL, and the result counts as unique: %v", err)
	}
}
