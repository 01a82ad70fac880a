// Package plain holds the treatments keep, null, constant and redact.
package plain

import (
	"fmt"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Keep returns the treatment keep.
func Keep() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "keep",
			Summary: "copies the value unchanged",
			Doc: "A rule with keep records the decision that a column is not sensitive. The rule states the reason. " +
				"In a JSON document, `keep` applies to the scalar at its path. `$.x.**` applies to everything below `$.x`.",
			Discloses: transform.Unchanged,
			Learns:    "They find this person's rows, and read the value of every other person.",
			Preserves: []string{transform.Uniqueness, transform.Order, transform.Equality, transform.Length, transform.Format},
			Examples:  []transform.Example{{Type: treatment.TextType(0), Use: transform.Use{Treatment: "keep"}, In: "open", Out: "open"}},
			Anything:  true,
		},
		Whole: func(treatment.Planner, transform.Column, transform.Use, *treatment.Args) (treatment.Blueprint, error) {
			t := transform.Traits{Unique: true, Equality: true, Space: math.Inf(1), Discloses: transform.Unchanged}
			return treatment.Blueprint{Traits: t, Build: func(transform.Keys) transform.Transform { return keep{} }}, nil
		},
	}
}

type keep struct{}

func (keep) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}

// Null returns the treatment null.
func Null() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:      "null",
			Summary:   "removes the value",
			Doc:       "Every value becomes NULL. A whole array also becomes NULL. The treatment is not for NOT NULL columns.",
			Discloses: transform.Suppressed,
			Learns:    "They learn nothing from this column, because all rows are NULL.",
			Examples:  []transform.Example{{Type: treatment.TextType(0), Use: transform.Use{Treatment: "null"}, In: "secret", Null: true}},
			Anything:  true,
		},
		Whole: func(_ treatment.Planner, c transform.Column, _ transform.Use, _ *treatment.Args) (treatment.Blueprint, error) {
			if c.NotNull || c.Type.NotNull {
				return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "null cannot take a NOT NULL column; use redact or constant"}
			}
			t := transform.Traits{Equality: true, Unique: true, Space: math.Inf(1), Discloses: transform.Suppressed} // NULLs are equal only in a key with NULLS NOT DISTINCT, and the plan checks such keys
			return treatment.Blueprint{Traits: t, Build: func(transform.Keys) transform.Transform { return null{} }}, nil
		},
	}
}

type null struct{}

func (null) Append(dst []byte, _ transform.Cell, _ transform.Row) ([]byte, bool, error) {
	return dst, true, nil
}

// fixed returns the same text for every value.
type fixed []byte

func (f fixed) Append(dst, _ []byte, _ *transform.Seed) ([]byte, error) {
	return append(dst, f...), nil
}

func fixedPlan(text string) treatment.ScalarPlan {
	return treatment.ScalarPlan{
		Traits: transform.Traits{Equality: true, Space: 1, Discloses: transform.Suppressed},
		Blind:  true,
		Words:  func() []string { return []string{text} },
		Build:  func(transform.Keys) treatment.Scalar { return fixed(text) },
	}
}

// Redact returns the treatment redact.
func Redact() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "redact",
			Summary: "replaces every value by a fixed value that marks it as removed",
			Doc: "NULL stays NULL, so the result still shows which rows had a value. A value that already equals the fixed value stays unchanged.\n\n" +
				"- Text becomes `[redacted]`. If the column, or a CHECK constraint of its length, is too short for this word, text becomes asterisks. If a CHECK constraint demands more characters, asterisks follow the word.\n" +
				"- Numbers become 0, and booleans become false.\n" +
				"- Dates and timestamps become 1970-01-01.\n" +
				"- UUIDs become all zeros, and network addresses become 0.0.0.0.\n" +
				"- Bytes, ranges, hstore, tsvector and bit varying become empty.\n" +
				"- JSON documents become the string `\"[redacted]\"`, and XML becomes `<redacted/>`.\n" +
				"- An enum becomes its label `[redacted]` or `redacted`. The type must have one of these labels.\n" +
				"- Every field of a composite becomes NULL.\n" +
				"- Times, intervals, bit, MAC addresses, money and geometric values become the zero of their type.",
			Families: append([]catalog.Family{
				catalog.Text, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID,
				catalog.Date, catalog.Timestamp, catalog.TimestampTZ, catalog.JSON, catalog.Bytes, catalog.Inet, catalog.Enum,
			}, literal.OtherFamilies()...),
			Discloses: transform.Suppressed,
			Learns:    "They learn only which rows had a value. In an array, they also see the number of elements.",
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "redact"}, In: "call me at home", Out: literal.Redacted},
				{Type: treatment.TextType(3), Use: transform.Use{Treatment: "redact"}, In: "abc", Out: "***"},
				{Type: catalog.Type{Name: "integer", Family: catalog.Integer, Bits: 32}, Use: transform.Use{Treatment: "redact"}, In: "52000", Out: "0"},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, _ *treatment.Args) (treatment.ScalarPlan, error) {
			if c.Type.Family == catalog.Enum && literal.RedactedOf(c.Type) == "" {
				return treatment.ScalarPlan{}, &transform.ParamError{
					Param: "treat", Text: fmt.Sprintf("redact cannot take type %s: it has no label [redacted] or redacted; use constant with one of its labels, or fake.choice", c.Type.Name),
				}
			}
			return fixedPlan(literal.RedactedOf(c.Type)), nil
		},
	}
}
