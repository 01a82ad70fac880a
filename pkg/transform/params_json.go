package transform

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MarshalJSON writes a float with a point or an exponent, so that UnmarshalJSON reads it as a float again.
func (p Params) MarshalJSON() ([]byte, error) {
	if p == nil {
		return []byte("null"), nil
	}
	return json.Marshal(markFloats(map[string]any(p)))
}

func markFloats(v any) any {
	switch v := v.(type) {
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".eIN") {
			text += ".0"
		}
		return json.Number(text) // Marshal refuses NaN and infinities
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = markFloats(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = markFloats(v[k])
		}
		return out
	}
	return v
}

// UnmarshalJSON reads parameters with the types that YAML gives them: whole numbers are int64.
func (p *Params) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw map[string]any
	if err := d.Decode(&raw); err != nil {
		return err
	}
	*p = nil
	if raw == nil {
		return nil
	}
	out := make(Params, len(raw))
	for k, v := range raw {
		plain, err := plainNumbers(v)
		if err != nil {
			return err
		}
		out[k] = plain
	}
	*p = out
	return nil
}

func plainNumbers(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			plain, err := plainNumbers(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = plain
		}
	case map[string]any:
		for k := range v {
			plain, err := plainNumbers(v[k])
			if err != nil {
				return nil, err
			}
			v[k] = plain
		}
	}
	return v, nil
}
