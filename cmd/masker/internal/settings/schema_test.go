package settings

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The schema of masker.yaml knows exactly the keys that the configuration has.
func TestConfigSchemaKnowsEveryKey(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	sameKeys(t, "", reflect.TypeFor[Config](), schema)
}

func sameKeys(t *testing.T, at string, kind reflect.Type, schema map[string]any) {
	t.Helper()
	switch kind.Kind() {
	case reflect.Pointer:
		sameKeys(t, at, kind.Elem(), schema)
	case reflect.Slice:
		items, _ := schema["items"].(map[string]any)
		sameKeys(t, at+"[]", kind.Elem(), items)
	case reflect.Map:
		inner, ok := schema["additionalProperties"].(map[string]any)
		if !ok { // keys, which has one name
			inner = schema["properties"].(map[string]any)["default"].(map[string]any)
		}
		sameKeys(t, at+".*", kind.Elem(), inner)
	case reflect.Struct:
		properties, _ := schema["properties"].(map[string]any)
		var have []string
		for name := range properties {
			have = append(have, name)
		}
		var want []string
		for f := range fieldsOf(kind) {
			want = append(want, f)
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%s: the schema knows %v, the configuration %v", at, have, want)
		}
		for name, f := range fieldsOf(kind) {
			if inner, ok := properties[name].(map[string]any); ok {
				sameKeys(t, at+"."+name, f, inner)
			}
		}
	}
}

func fieldsOf(kind reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range kind.NumField() {
		f := kind.Field(i)
		if f.Tag.Get("mapstructure") == ",squash" {
			maps.Copy(out, fieldsOf(f.Type))
			continue
		}
		if !f.IsExported() {
			continue
		}
		name := strings.ToLower(f.Name)
		if tag := f.Tag.Get("mapstructure"); tag != "" {
			name = tag
		}
		out[name] = f.Type
	}
	return out
}
