package integration

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// libraryRules returns a rule file for the tables of all examples. Each column v gets the treatment of its example.
func libraryRules(examples []*libraryExample) string {
	kept := map[string]any{"keep": "test of the library"}
	tables, waivers := map[string]any{}, []any{}
	for _, sp := range examples {
		rule := ruleOf(sp.of.Use)
		if sp.ownDomain() {
			rule["domain"] = "library." + sp.name
		}
		columns := map[string]any{"id": kept, "v": rule}
		if sp.list {
			columns["l"] = rule
		}
		subject := sp.of.Use.Subject
		for _, r := range sp.of.Use.Reads {
			columns[r.Name] = kept
			if r.Use != nil {
				columns[r.Name] = ruleOf(*r.Use)
				subject += r.Use.Subject
			}
		}
		for _, schema := range []string{"bin", "txt"} {
			table := map[string]any{"columns": maps.Clone(columns)}
			if subject != "" {
				table["subject"] = "id"
			}
			tables[schema+"."+sp.name] = table
			if sp.of.Type.Family == catalog.Boolean && strings.HasPrefix(sp.of.Use.Treatment, "fake.") && subject == "" {
				on := []string{"v"}
				if sp.list {
					on = append(on, "l")
				}
				for _, column := range on {
					waivers = append(waivers, map[string]any{"finding": "boolean-by-value", "on": schema + "." + sp.name + "." + column, "owner": "test@example.com", "reason": "test of the library", "until": "2099-12-31"})
				}
			}
			columns["price_of_it"] = kept // a column of the table txt
		}
	}
	rules, err := json.MarshalIndent(map[string]any{"revision": 1, "packs": []string{"baseline"}, "tables": tables, "waivers": waivers}, "", " ")
	if err != nil {
		panic(err)
	}
	return string(rules) // JSON is also YAML
}

func ruleOf(u transform.Use) map[string]any {
	if u.Treatment == "keep" {
		return map[string]any{"keep": "test of the library"}
	}
	rule := map[string]any{"treat": u.Treatment}
	if len(u.Paths) > 0 {
		paths := map[string]any{}
		for _, p := range u.Paths {
			paths[p.Path] = ruleOf(p.Use)
		}
		rule = map[string]any{u.Treatment: paths}
	}
	for name, v := range u.Params {
		rule[name] = v
	}
	if u.As != "" {
		rule["as"] = u.As
	}
	return rule
}
