package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// docs/schema holds what masker schema prints; -update writes it anew.
func TestSchemasAreCurrent(t *testing.T) {
	for file, make := range map[string]func() ([]byte, error){
		"masker-rules.schema.json": ruleset.Schema, "masker-config.schema.json": configSchema,
	} {
		file = "../../docs/schema/" + file
		want, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is not what masker schema prints (%v); run go generate ./cmd/masker", file, err)
		}
	}
}

// The schema of masker.yaml knows exactly the keys that the configuration has.
func TestConfigSchemaKnowsEveryKey(t *testing.T) {
	text, err := configSchema()
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	sameKeys(t, "", reflect.TypeFor[config](), schema)
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

// Every parameter has a type that the schema can say, and a text for hover.
func TestEveryParameterIsDocumented(t *testing.T) {
	if n := len(transform.Library()); n < 45 {
		t.Errorf("the library has %d treatments", n)
	}
	for _, s := range transform.Library() {
		if len(s.Examples) == 0 || s.Summary == "" || s.Doc == "" || s.Discloses == "" {
			t.Errorf("%s lacks an example, a summary, a doc or what it discloses", s.Name)
		}
		for _, p := range s.Params {
			if ruleset.ParamTypes()[p.Type] == nil && !strings.Contains(p.Type, "|") {
				t.Errorf("%s, %s: the type %q is not known to the schema", s.Name, p.Name, p.Type)
			}
			if p.Doc == "" {
				t.Errorf("%s, %s has no doc", s.Name, p.Name)
			}
			if p.Required && p.Default != nil {
				t.Errorf("%s, %s is required and has a default", s.Name, p.Name)
			}
		}
	}
}

func TestSchemaPrints(t *testing.T) {
	for _, args := range [][]string{{"schema"}, {"schema", "rules"}, {"schema", "config"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, nil, stdio{out: &out, err: &errs}); code != 0 || !json.Valid(out.Bytes()) {
			t.Errorf("%v: exit %d, %s", args, code, errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"schema", "rule"}, nil, stdio{out: &out, err: &errs}); code != exitUsage {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
