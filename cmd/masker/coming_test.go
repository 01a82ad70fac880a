package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// For every rule in the tables of docs/coming-from.md, masker can make a plan with a column of the type in the same
// row.
func TestRulesInComingFromCanBePlanned(t *testing.T) {
	text, err := os.ReadFile("../../docs/coming-from.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| ([^|]+) \\| ([a-z]+) \\|(?: `(\\{.*\\})`)? \\|(.*) ?\\|$").FindAllStringSubmatch(string(text), -1)
	if n := strings.Count(string(text), "\n| ") - 2*strings.Count(string(text), "\n| --- "); len(rows) != n || n < 100 {
		t.Errorf("%d of %d rows have the form the test knows", len(rows), n)
	}
	for _, row := range rows {
		name, kind, rule, why := row[1], row[2], row[3], strings.TrimSpace(row[4])
		if rule == "" {
			if why == "" {
				t.Errorf("%s: the row has no rule and no reason", name)
			}
			continue
		}
		if err := plans(kind, rule); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// plans makes a plan for one column of the given type with the given rule, and returns the error of the plan.
func plans(kind, rule string) error {
	types := map[string]catalog.Type{
		"text":        {Base: "text", Family: catalog.Text},
		"integer":     {Base: "int8", Family: catalog.Integer, Bits: 64},
		"numeric":     {Base: "numeric", Family: catalog.Numeric},
		"float":       {Base: "float8", Family: catalog.Float, Bits: 64},
		"boolean":     {Base: "bool", Family: catalog.Boolean},
		"date":        {Base: "date", Family: catalog.Date},
		"timestamptz": {Base: "timestamptz", Family: catalog.TimestampTZ},
		"uuid":        {Base: "uuid", Family: catalog.UUID},
		"inet":        {Base: "inet", Family: catalog.Inet},
		"macaddr":     {Base: "macaddr", Family: catalog.MAC},
		"bytea":       {Base: "bytea", Family: catalog.Bytes},
		"jsonb":       {Base: "jsonb", Family: catalog.JSON},
		"xml":         {Base: "xml", Family: catalog.XML},
	}
	column, ok := types[kind]
	if !ok {
		return fmt.Errorf("no type %s", kind)
	}
	column.Name = kind
	db := &catalog.Database{Tables: []*catalog.Table{{
		Name: catalog.Name{Schema: "public", Name: "t"}, Columns: []catalog.Column{
			{Name: "id", Type: catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}}, {Name: "c", Type: column},
		},
	}}}
	text := "revision: 1\npacks: [baseline]\ntables: {public.t: {subject: id, columns: {id: {keep: surrogate}, c: " + rule + "}}}\n"
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(text)}}, nil)
	if err != nil {
		return err
	}
	_, err = plan.Build(set, db, "staging")
	return err
}
