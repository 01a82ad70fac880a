package transform

import (
	"math"

	"github.com/masker-project/masker/pkg/catalog"
)

func keepSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "keep",
			Summary: "copies the value as it is",
			Doc: "The reviewed decision that a column is not sensitive. The rule states the reason. " +
				"In a JSON document it covers the scalar at its path; `$.x.**` covers everything below $.x.",
			Discloses: Unchanged,
			Preserves: []string{Uniqueness, Order, Equality, Length, Format},
			Examples:  []Example{{Type: textType(0), Use: Use{Treatment: "keep"}, In: "open", Out: "open"}},
			Anything:  true,
		},
		whole: func(planner, Column, Use, *args) (blueprint, error) {
			t := Traits{Unique: true, Equality: true, Space: math.Inf(1), Discloses: Unchanged}
			return blueprint{t, func(Keys) Transform { return keep{} }}, nil
		},
	}
}

type keep struct{}

func (keep) Append(dst []byte, in Cell, _ Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}

func nullSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:      "null",
			Summary:   "removes the value",
			Doc:       "Every value becomes NULL, a whole array too. Not for NOT NULL columns.",
			Discloses: Suppressed,
			Examples:  []Example{{Type: textType(0), Use: Use{Treatment: "null"}, In: "secret", Null: true}},
			Anything:  true,
		},
		whole: func(_ planner, c Column, _ Use, _ *args) (blueprint, error) {
			if c.NotNull || c.Type.NotNull {
				return blueprint{}, &ParamError{"treat", "null cannot take a NOT NULL column; use redact or constant"}
			}
			t := Traits{Equality: true, Unique: true, Space: math.Inf(1), Discloses: Suppressed} // NULLs are never duplicates
			return blueprint{t, func(Keys) Transform { return null{} }}, nil
		},
	}
}

type null struct{}

func (null) Append(dst []byte, _ Cell, _ Row) ([]byte, bool, error) { return dst, true, nil }

// fixed gives the same text for every value.
type fixed []byte

func (f fixed) append(dst, _ []byte, _ *Seed) ([]byte, error) { return append(dst, f...), nil }

func fixedPlan(text string) scalarPlan {
	return scalarPlan{
		traits: Traits{Equality: true, Space: 1, Discloses: Suppressed},
		build:  func(Keys) scalar { return fixed(text) },
	}
}

func redactSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "redact",
			Summary: "replaces every value by a fixed one of its type that shows it was removed",
			Doc: `Text becomes "[redacted]" (asterisks where the column is shorter), numbers 0, booleans false, dates and ` +
				"timestamps 1970-01-01, UUIDs all zeros, addresses 0.0.0.0, bytes empty, JSON documents the string " +
				`"[redacted]", ranges, hstore and tsvector empty, XML <redacted/>, every field of a composite NULL, times, intervals, bits, ` +
				"MAC addresses, money and geometric values their zero. " +
				`NULL stays NULL, so it still tells which rows had a value; a value that was already ` +
				"the fixed one comes out as it went in.",
			Families: append([]catalog.Family{
				catalog.Text, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID,
				catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.JSON, catalog.Bytes, catalog.Inet,
			}, oddFamilies()...),
			Discloses: Suppressed,
			Examples: []Example{
				{Type: textType(0), Use: Use{Treatment: "redact"}, In: "call me at home", Out: redacted},
				{Type: textType(3), Use: Use{Treatment: "redact"}, In: "abc", Out: "***"},
				{Type: catalog.Type{Name: "integer", Family: catalog.Integer, Bits: 32}, Use: Use{Treatment: "redact"}, In: "52000", Out: "0"},
			},
		},
		scalar: func(c Column, _ Use, _ *args) (scalarPlan, error) { return fixedPlan(redactedText(c.Type)), nil },
	}
}
