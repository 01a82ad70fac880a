package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform/library"
)

// The files in docs/schema must equal the output of masker schema. With -update the test writes them.
func TestSchemasAreCurrent(t *testing.T) {
	for file, schema := range map[string]func() ([]byte, error){
		"masker-rules.schema.json": ruleset.Schema, "masker-config.schema.json": settings.Schema,
	} {
		file = "../../docs/schema/" + file
		want, err := schema()
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s differs from the output of masker schema (%v); run go test ./cmd/masker -run TestSchemasAreCurrent -update", file, err)
		}
	}
}

// Every parameter has a type that the schema knows, and a description that editors can show.
func TestEveryParameterIsDocumented(t *testing.T) {
	if n := len(library.All()); n < 45 {
		t.Errorf("the library has %d treatments", n)
	}
	for _, s := range library.All() {
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
