package settings

import (
	"encoding/json"
	"maps"
	"slices"
)

// Schema returns the JSON Schema of masker.yaml.
func Schema() ([]byte, error) {
	root := configShape().schema()
	root["$schema"], root["title"] = "http://json-schema.org/draft-07/schema#", "masker configuration"
	text, err := json.MarshalIndent(root, "", " ")
	return append(text, '\n'), err
}

// schema returns the JSON Schema of a shape.
func (s *shape) schema() map[string]any {
	o := make(map[string]any)
	if s.doc != "" {
		o["description"], o["markdownDescription"] = s.doc, s.doc
	}
	if s.words != nil {
		o["enum"] = s.words
		return o
	}
	if s.word != nil {
		mapping := *s
		mapping.doc, mapping.word = "", nil
		o["oneOf"] = []any{s.word.schema(), mapping.schema()}
		return o
	}
	o["type"] = s.kind
	switch {
	case s.keys != nil:
		properties, required := make(map[string]any), []string(nil)
		for _, name := range slices.Sorted(maps.Keys(s.keys)) {
			properties[name] = s.keys[name].schema()
			if s.keys[name].required {
				required = append(required, name)
			}
		}
		o["additionalProperties"], o["properties"] = false, properties
		if required != nil {
			o["required"] = required
		}
	case s.each != nil:
		o["additionalProperties"] = s.each.schema()
	case s.list != nil:
		o["items"] = s.list.schema()
	}
	return o
}
