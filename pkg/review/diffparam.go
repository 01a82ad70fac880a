package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// paramEffect returns the effect of a changed parameter. For example, the effect is Weaker if the new value leaves one
// more digit. The effect is also Weaker if masker does not know which of the two values discloses more.
func paramEffect(treatment, param string, now, old any) Effect {
	spec, ok := library.Lookup(treatment)
	if !ok {
		return Weaker
	}
	i := slices.IndexFunc(spec.Params, func(p transform.Param) bool { return p.Name == param })
	if i < 0 {
		return Weaker
	}
	was, ok := place(&spec.Params[i], old)
	is, fine := place(&spec.Params[i], now)
	tells := spec.Params[i].Tells
	switch {
	case tells == transform.Neither || same(old, now) || ok && fine && was == is:
		return Neutral
	case tells == "" || !ok || !fine:
		return Weaker
	case (is > was) == (tells == transform.Larger):
		return Weaker
	}
	return Stronger
}

// place returns the rank of a value among a parameter's possible values. It returns false if the value has no rank.
func place(p *transform.Param, v any) (float64, bool) {
	switch words := strings.Split(p.Type, "|"); {
	case len(words) > 1:
		i := slices.Index(words, fmt.Sprint(v))
		return float64(i), i >= 0
	case p.Type == "boolean":
		truth, ok := v.(bool)
		return map[bool]float64{true: 1}[truth], ok
	}
	return number(v)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
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
