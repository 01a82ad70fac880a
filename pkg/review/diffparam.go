package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// atMost returns the most that a use can disclose, on any column.
func atMost(u transform.Use) transform.Disclosure {
	d := atMostWithoutElse(u)
	if u.Else != nil {
		d = maxDisclosure(d, atMost(*u.Else))
	}
	return d
}

// atMostWithoutElse is like atMost, but ignores the use for rows that do not meet the condition.
func atMostWithoutElse(u transform.Use) transform.Disclosure {
	spec, ok := library.Lookup(u.Treatment)
	switch {
	case !ok:
		return transform.Unchanged
	case len(u.Paths) == 0:
		return spec.Discloses
	}
	d := transform.Suppressed
	for _, p := range u.Paths {
		d = maxDisclosure(d, atMost(p.Use))
	}
	return d
}

func maxDisclosure(a, b transform.Disclosure) transform.Disclosure {
	if rank(a) > rank(b) {
		return a
	}
	return b
}

// paramEffect returns the effect of a changed parameter if the disclosure label stays the same. For example, the
// effect is Weaker if one more digit remains. The effect is Neutral if the parameter alone does not determine it.
func paramEffect(treatment, param string, now, old any) Effect {
	if words := scale(treatment, param); words != nil {
		i, j := slices.Index(words, fmt.Sprint(old)), slices.Index(words, fmt.Sprint(now))
		if i < 0 || j < 0 {
			return Neutral
		}
		return compare(i, j)
	}
	if treatment == "command" && slices.Contains([]string{"run", "sha256", "may_read"}, param) {
		return Weaker // another program decides
	}
	sign := direction(treatment, param)
	was, ok := number(old)
	is, fine := number(now)
	if sign == 0 || !ok || !fine || was == is {
		return Neutral
	}
	if (is > was) == (sign > 0) {
		return Weaker
	}
	return Stronger
}

// direction returns 1 if a larger number discloses more, -1 if a smaller number discloses more, and otherwise 0.
func direction(treatment, param string) int {
	switch treatment + "." + param {
	case "mask.keep_first", "mask.keep_last", "pan.keep_last", "truncate.length", "generalize.postcode.prefix",
		"generalize.ip.v4", "generalize.ip.v6", "generalize.geo.decimals", "sample.epsilon", "sample.buckets", "generalize.age.fold":
		return 1
	case "generalize.number.width", "generalize.age.width", "noise.ratio", "noise.amount", "shift.days", "sample.least":
		return -1
	}
	return 0
}

// scale returns the allowed words of a parameter. The word that discloses least comes first. The result is nil for
// parameters that are not listed here.
func scale(treatment, param string) []string {
	switch treatment + "." + param {
	case "mask.cover":
		return []string{"character", "class"}
	case "mask.separators":
		return []string{"cover", "keep"}
	case "truncate.to", "generalize.date.to":
		return []string{"decade", "year", "quarter", "month", "day", "hour", "minute", "second"}
	case "scrub.unfound":
		return []string{"redact", "keep"}
	case "scrub.names":
		return []string{"true", "false"}
	case "command.may_keep":
		return []string{"false", "true"}
	case "placeholder.size":
		return []string{"smallest", "class", "keep"}
	}
	if param == "special" {
		return []string{"stop", "null", "keep"}
	}
	return nil
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// longParam is the longest value that is shown in full, in bytes.
const longParam = 80

func paramWords(v any) string {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "something"
	}
	if s := strings.TrimSpace(text.String()); len(s) <= longParam {
		return s
	}
	switch v := v.(type) {
	case []any:
		return "a list of " + spell.Count(len(v), "item")
	case map[string]any:
		return "a mapping of " + spell.Count(len(v), "item")
	}
	return "a long text"
}
