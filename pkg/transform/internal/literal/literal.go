// Package literal writes values as a column's type requires. These are values that a rule states, and values that
// replace a removed value.
package literal

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// Of returns the text of a rule's value for a type. Its errors may quote the value, because the value comes from the
// rule and not from a row.
func Of(t catalog.Type, v any) (string, error) {
	if t.Family == catalog.JSON {
		text, err := json.Marshal(v)
		if err != nil || strings.Contains(string(text), `\u0000`) {
			return "", fmt.Errorf("cannot be written as JSON")
		}
		return string(text), nil
	}
	if v == nil {
		return "", fmt.Errorf("is null; use the treatment null")
	}
	s, isText := v.(string)
	if !isText {
		var ok bool
		if s, ok = scalarText(t, v); !ok {
			return "", fmt.Errorf("does not fit type %s; quote it", t.Name)
		}
	}
	if strings.ContainsRune(s, 0) || !utf8.ValidString(s) {
		return "", fmt.Errorf("holds a NUL byte or invalid UTF-8, which PostgreSQL cannot store in a text")
	}
	return Typed(t, s)
}

// scalarText returns the text of a YAML number or boolean. The second result is false if the type does not allow such a
// value.
func scalarText(t catalog.Type, v any) (string, bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), t.Family == catalog.Boolean
	case int, int64, uint64:
		return fmt.Sprint(v), t.Family == catalog.Integer || t.Family == catalog.Numeric || t.Family == catalog.Float
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), t.Family == catalog.Numeric || t.Family == catalog.Float
	}
	return "", false
}

// Typed checks a text against a type. It returns integers, booleans and UUIDs as PostgreSQL prints them, and other
// texts unchanged.
func Typed(t catalog.Type, s string) (string, error) {
	switch t.Family {
	case catalog.Text:
		if n := utf8.RuneCountInString(s); t.MaxLen > 0 && n > t.MaxLen {
			return "", fmt.Errorf("has %d characters, the column holds %d", n, t.MaxLen)
		} else if n < t.MinLen {
			return "", fmt.Errorf("has %d characters, a CHECK constraint of the column demands %d", n, t.MinLen)
		}
		if t.MaxBytes > 0 && len(s) > t.MaxBytes {
			return "", fmt.Errorf("has %d bytes, a CHECK constraint of the column allows %d", len(s), t.MaxBytes)
		}
		return s, nil
	case catalog.Integer:
		n, err := strconv.ParseInt(s, 10, max(t.Bits, 16))
		if err != nil {
			return "", fmt.Errorf("is not a whole number of %d bits", t.Bits)
		}
		return strconv.FormatInt(n, 10), nil
	case catalog.Numeric:
		return numericText(t, s)
	case catalog.Float:
		if _, err := strconv.ParseFloat(s, 64); err != nil || strings.ContainsAny(s, "xX_pP") {
			return "", fmt.Errorf("is not a number")
		}
		return s, nil
	case catalog.Boolean:
		switch strings.ToLower(s) {
		case "t", "true":
			return "t", nil
		case "f", "false":
			return "f", nil
		}
		return "", fmt.Errorf("is not true or false")
	case catalog.Enum:
		if !slices.Contains(t.Labels, s) {
			return "", fmt.Errorf("is not a label of %s%s", t.Name, spell.Mean(s, t.Labels))
		}
		return s, nil
	}
	return shapedText(t, s)
}

// shapedText checks texts of types whose values have a fixed form.
func shapedText(t catalog.Type, s string) (string, error) {
	switch t.Family {
	case catalog.UUID:
		if !regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`).MatchString(s) {
			return "", fmt.Errorf("is not a UUID in its usual form of 8-4-4-4-12 digits")
		}
		return strings.ToLower(s), nil
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		m, ok := moment.Parse([]byte(s))
		if !ok || !m.Fits(t.Family) {
			return "", fmt.Errorf(`is not a %s in ISO form, such as "2000-01-31"%s`, t.Family, map[bool]string{true: ` or "2000-01-31 12:00:00"`}[t.Family != catalog.Date])
		}
		return s, nil
	case catalog.Bytes:
		if _, err := hex.DecodeString(strings.TrimPrefix(s, `\x`)); err != nil || !strings.HasPrefix(s, `\x`) {
			return "", fmt.Errorf(`is not bytes in hex form, such as "\x00ff"`)
		}
		return s, nil
	case catalog.Inet:
		return inetText(t, s)
	}
	return otherText(t, s)
}

func numericText(t catalog.Type, s string) (string, error) {
	if !regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`).MatchString(s) {
		return "", fmt.Errorf("is not a decimal number")
	}
	if t.Precision == 0 {
		return s, nil
	}
	digits := new(big.Rat)
	digits.SetString(s)
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(t.Precision-t.Scale, 0))), nil))
	if digits.Abs(digits).Cmp(scale) >= 0 {
		return "", fmt.Errorf("does not fit type %s", t.Name)
	}
	if dot := strings.IndexByte(s, '.'); dot >= 0 && len(s)-dot-1 > max(t.Scale, 0) {
		return "", fmt.Errorf("has more than %d decimals", t.Scale)
	}
	return s, nil
}

func inetText(t catalog.Type, s string) (string, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err != nil || t.Base == "cidr" && p != p.Masked() {
			return "", fmt.Errorf("is not a network address of type %s", t.Name)
		}
		return s, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", fmt.Errorf("is not a network address of type %s", t.Name)
	}
	return s, nil
}

// Bounds returns the smallest and the largest whole number of a type, within 64 bits.
func Bounds(t catalog.Type) (lo, hi int64) {
	if t.Family == catalog.Integer && t.Bits > 0 && t.Bits < 64 {
		return -1 << (t.Bits - 1), 1<<(t.Bits-1) - 1
	}
	if digits := t.Precision - t.Scale; t.Family == catalog.Numeric && t.Precision > 0 && digits < 19 {
		hi = int64(math.Pow10(max(digits, 0))) - 1
		return -hi, hi
	}
	return math.MinInt64, math.MaxInt64
}
