package library_test

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// maskingParams returns the parameters that the conformance tests give to a masking treatment. It returns nil for other
// treatments, and if the treatment needs no parameters.
func maskingParams(name string, f catalog.Family) transform.Params {
	switch {
	case name == "truncate" && f == catalog.Text:
		return transform.Params{"length": int64(3)}
	case name == "truncate" && f == catalog.Date:
		return transform.Params{"to": "month"}
	case name == "truncate":
		return transform.Params{"to": "minute"}
	case name == "generalize.number":
		return transform.Params{"width": int64(7)}
	case name == "generalize.date":
		return transform.Params{"to": "quarter"}
	case name == "generalize.ip" && f == catalog.Text:
		return transform.Params{"otherwise": "redact"}
	case name == "noise" && slices.Contains(treatment.TimeFamilies(), f):
		return transform.Params{"amount": "3d"}
	case name == "noise":
		return transform.Params{"ratio": 0.2}
	case name == "regex":
		return transform.Params{"pattern": `(?s)(.).*`, "replace": "${1}…", "otherwise": "redact"}
	case name == "map":
		return transform.Params{"values": map[string]any{text(f): transformtest.Constants()[f]}, "default": transformtest.Constants()[f]}
	}
	return nil
}

// text returns a value of a family that differs from the family's constant.
func text(f catalog.Family) string {
	return map[catalog.Family]string{
		catalog.Integer: "17", catalog.Numeric: "17", catalog.Boolean: "f", catalog.Date: "2024-02-29",
		catalog.UUID: "00000000-0000-0000-0000-000000000000", catalog.Enum: "happy", catalog.Text: "ada@example.com",
	}[f]
}

// onGrid reports whether a masking treatment leaves this difficult value unchanged according to the documentation.
func onGrid(c conformer, in string) bool {
	fixed := map[string][]string{
		"truncate":            {"", "0001-01-01", "0001-01-01 00:00:00+00 BC"},
		"generalize.number":   {"0", "0.00", "9223372036854775807"},
		"generalize.age":      {"0", "0.00"},
		"generalize.date":     {"0001-01-01", "2024-01-01", "0001-01-01 00:00:00+00 BC"},
		"generalize.geo":      {"0", "0.00", "0.5", "1.5", "17", "17.00", "-17"},
		"generalize.ip":       {"", "0.0.0.0", "[redacted]"},
		"generalize.postcode": {""},
		"regex":               {"", "[redacted]"},
		"map":                 {fixedText(transformtest.Constants()[c.typ.Family])},
	}
	if c.use.Treatment == "generalize.postcode" && strings.Trim(in, "0X") == "" {
		return true
	}
	return slices.Contains(fixed[c.use.Treatment], in)
}

func fixedText(v any) string {
	if b, ok := v.(bool); ok {
		return map[bool]string{true: "t", false: "f"}[b]
	}
	if n, ok := v.(int64); ok {
		return string(decimal.AppendInt(nil, n))
	}
	s, _ := v.(string)
	return s
}
