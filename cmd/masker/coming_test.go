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

// Each row in the tables of docs/coming-from.md names a type, and most rows have a rule. Masker can
// make a plan for a column with the type and the rule of a row.
func TestRulesInComingFromCanBePlanned(t *testing.T) {
	text, err := os.ReadFile("../../docs/coming-from.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| ([^|]+) \\| ([a-z]+) \\|(?: `(\\{[^`]*\\})`)? \\|(.*) ?\\|$").FindAllStringSubmatch(string(text), -1)
	if n := strings.Count(string(text), "\n| ") - 2*strings.Count(string(text), "\n| --- "); len(rows) != n || n < 100 {
		t.Errorf("%d of %d rows have the form the test knows", len(rows), n)
	}
	var together []column
	for _, row := range rows {
		name, kind, rule, why := row[1], row[2], row[3], strings.TrimSpace(row[4])
		if rule != "" {
			together = append(together, column{name, kind, rule})
		} else if why == "" {
			t.Errorf("%s: the row has no rule and no reason", name)
		}
	}
	all := plans(together)
	if all == nil {
		return
	}
	for _, c := range together { // a plan takes a while, so only a failure makes one for each row
		if err := plans([]column{c}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if !t.Failed() {
		t.Error(all)
	}
}

// column is a row of the guide: what the function is called in the other tool, the type, and the rule.
type column struct{ name, kind, rule string }

// plans makes one table for each column, and a plan for these tables. It returns the error of the plan.
func plans(columns []column) error {
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
	db := &catalog.Database{}
	text := "revision: 1\npacks: [baseline]\ntables:\n"
	for i, c := range columns {
		of, ok := types[c.kind]
		if !ok {
			return fmt.Errorf("no type %s", c.kind)
		}
		of.Name = c.kind
		name := fmt.Sprintf("t%d", i)
		db.Tables = append(db.Tables, &catalog.Table{Name: catalog.Name{Schema: "public", Name: name}, Columns: []catalog.Column{
			{Name: "id", Type: catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}}, {Name: "c", Type: of},
		}})
		text += fmt.Sprintf("  public.%s: {subject: id, columns: {id: {keep: surrogate}, c: %s}}\n", name, c.rule)
	}
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(text)}}, nil)
	if err != nil {
		return err
	}
	_, err = plan.Build(set, db, "staging")
	return err
}
