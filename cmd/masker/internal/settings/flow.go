package settings

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
)

// FindFlow returns the flow with that name, and the name in lower case. If name is "", FindFlow returns the only flow.
func (c *Config) FindFlow(name string) (string, Flow, error) {
	names := slices.Sorted(maps.Keys(c.Flows))
	switch {
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "" && len(names) == 0:
		return "", Flow{}, problem("%s declares no flow; add one under flows", c.file)
	case name == "":
		return "", Flow{}, problem("%s declares several flows; name one with --flow: %s", c.file, strings.Join(names, ", "))
	}
	// The ledger and the approvals name a flow in lower case.
	folded := strings.ToLower(name)
	f, ok := c.Flows[folded]
	if !ok {
		return "", Flow{}, problem("%s declares no flow %q; it declares: %s%s", c.file, name, strings.Join(names, ", "), spell.Mean(name, names))
	}
	return folded, f, nil
}

// GuardFlow returns a flow in the form that guard checks.
func (c *Config) GuardFlow(name string, f Flow) guard.Flow {
	env := func(name string) guard.Environment {
		e := c.Environments[name]
		lasts, _ := guard.ParseLasts(e.Expires) // check reports the error
		return guard.Environment{Name: name, Kind: guard.Kind(e.Kind), NotProduction: e.NotProduction, HoldsProduction: e.Holds == "production", Adopts: e.Adopt != "", Lasts: lasts}
	}
	reveal, err := f.Revealed()
	if err != nil {
		reveal = nil // check reports the error; with this error, reveal may open no column
	}
	g := guard.Flow{
		Name: name, From: env(f.From), To: env(f.To), Required: guard.Default,
		Verify: guard.Verification(f.Verify.Level), Strict: f.Findings == "refuse", Treats: len(f.Rules) > 0, Allow: f.Allow, Until: f.Until, Reveal: reveal,
	}
	if f.Approvals.Required != nil {
		g.Required = *f.Approvals.Required
	}
	return g
}

// RuleFiles returns the paths of a flow's rule files.
func (c *Config) RuleFiles(f Flow) []string {
	var files []string
	for _, r := range f.Rules {
		files = append(files, c.Path(r))
	}
	return files
}

// Revealed returns the columns that masker reveal may open, as SQL writes their names.
func (f Flow) Revealed() ([]string, error) {
	var columns []string
	for _, text := range f.Reveal.Columns {
		name, err := ColumnName(text)
		if err != nil {
			return nil, err
		}
		columns = append(columns, name)
	}
	return columns, nil
}

// ColumnName reads schema.table.column and returns the name as SQL writes it, with quotes if they are needed.
func ColumnName(text string) (string, error) {
	parts, err := catalog.ParseIdents(text)
	if err != nil || len(parts) != 3 {
		return "", fmt.Errorf("column %q: want schema.table.column", text)
	}
	return catalog.Name{Schema: parts[0], Name: parts[1]}.Column(parts[2]), nil
}

// ApprovalsDir returns the folder in which a run looks for approvals. It is the folder "approvals" beside the first
// rule file, or beside the configuration if the flow has no rule file.
func (c *Config) ApprovalsDir(f Flow) string {
	if len(f.Rules) == 0 {
		return filepath.Join(c.dir, "approvals")
	}
	return filepath.Join(filepath.Dir(c.Path(f.Rules[0])), "approvals")
}

// RoleMap maps each role of the source to the role of the target that replaces it, as the file says.
func (c *Config) RoleMap() (map[string]string, error) {
	roles := make(map[string]string, len(c.Roles))
	for _, r := range c.Roles {
		if was, ok := roles[r.From]; ok && was != r.To {
			return nil, problem("%s: role %q is mapped twice", c.At("roles"), r.From)
		}
		roles[r.From] = r.To
	}
	return roles, nil
}
