package literal

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Redacted replaces a removed text.
const Redacted = "[redacted]"

// RedactedOf returns the value that redact writes for a type. For hstore, tsvector and varbit, this value is "". It
// also returns "" for an enum that has neither the label [redacted] nor the label redacted.
func RedactedOf(t catalog.Type) string {
	switch t.Family {
	case catalog.Text:
		if t.MaxLen > 0 && t.MaxLen < len(Redacted) {
			return "**********"[:t.MaxLen]
		}
		return Redacted + strings.Repeat("*", max(t.MinLen-len(Redacted), 0))
	case catalog.Boolean:
		return "f"
	case catalog.UUID:
		return "00000000-0000-0000-0000-000000000000"
	case catalog.Date:
		return "1970-01-01"
	case catalog.Timestamp:
		return "1970-01-01 00:00:00"
	case catalog.TimestampTZ:
		return "1970-01-01 00:00:00+00"
	case catalog.JSON:
		return `"` + Redacted + `"`
	case catalog.Bytes:
		return `\x`
	case catalog.Inet:
		if t.Base == "cidr" {
			return "0.0.0.0/32"
		}
		return "0.0.0.0"
	case catalog.Integer, catalog.Numeric, catalog.Float:
		return "0"
	}
	return redactedOther(t)
}

// redactedOther returns redact's value for OtherFamilies and for enums.
func redactedOther(t catalog.Type) string {
	switch t.Family {
	case catalog.Composite:
		return "(" + strings.Repeat(",", max(len(t.Fields)-1, 0)) + ")"
	case catalog.Range:
		return "empty"
	case catalog.Multirange:
		return "{}"
	case catalog.XML:
		return "<redacted/>"
	case catalog.Time:
		if t.Base == "timetz" {
			return "00:00:00+00"
		}
		return "00:00:00"
	case catalog.Interval:
		return "00:00:00"
	case catalog.MAC:
		if t.Base == "macaddr8" {
			return "00:00:00:00:00:00:00:00"
		}
		return "00:00:00:00:00:00"
	case catalog.Bits:
		if t.Base == "bit" {
			return strings.Repeat("0", max(t.MaxLen, 1))
		}
	case catalog.Enum:
		for _, label := range []string{Redacted, "redacted"} {
			if slices.Contains(t.Labels, label) {
				return label
			}
		}
	case catalog.Money:
		return "0"
	case catalog.Geometric:
		return map[string]string{
			"point": "(0,0)", "line": "{1,0,0}", "lseg": "[(0,0),(0,0)]", "box": "(0,0),(0,0)",
			"path": "((0,0))", "polygon": "((0,0))", "circle": "<(0,0),0>",
		}[t.Base]
	}
	return "" // hstore, tsvector and varbit become empty; an enum here has no label for redacted values
}
