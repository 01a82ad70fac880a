package settings

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
)

// checkPolicy checks what a flow requires and what it waives.
func (c *Config) checkPolicy(name string, f Flow, report func(key, format string, args ...any)) {
	at := "flows." + name
	from := c.Environments[f.From]
	production := from.Kind == string(guard.Production) || from.Holds != ""
	required := 0
	if production {
		required = 1
	}
	if f.Approvals.Required != nil {
		required = *f.Approvals.Required
	}
	switch {
	case required < 0:
		report(at+".approvals", "flow %q: approvals: required must be 0 or more", name)
	case required > 0 && f.Approvals.Signers == "":
		report(at+".approvals", "flow %q: the rules need an approval, but the flow names no file of allowed signers; add approvals: {required: %d, signers: policy/allowed_signers}, "+
			"or waive approvals: approvals: {required: 0}", name, required)
	case f.Approvals.Signers != "" && c.besideRules(f.Approvals.Signers, f.Rules):
		report(at+".approvals", "flow %q: %s lies in the folder of the rules: anybody who can change the rules could change who approves them; move the file to another folder", name, f.Approvals.Signers)
	case f.Approvals.Revoked != "" && c.besideRules(f.Approvals.Revoked, f.Rules):
		report(at+".approvals", "flow %q: %s lies in the folder of the rules: anybody who can change the rules could make a revoked key count; move the file to another folder", name, f.Approvals.Revoked)
	}
	if kind, err := guard.ParseKind(from.Kind); len(f.Rules) == 0 && (err != nil || production || kind == guard.Preproduction) {
		report(at, "flow %q names no rules; add rules: [rules/NAME.yaml]", name)
	}
	for _, code := range f.Allow {
		if !slices.Contains(guard.Codes(), code) {
			report(at+".allow", "flow %q: allow: %q%s; want some of %s", name, code, spell.Mean(code, guard.Codes()), strings.Join(guard.Codes(), ", "))
		}
	}
	if err := c.GuardFlow(name, f).CheckUntil(); err != nil {
		report(at+".until", "flow %q: %v", name, err)
	}
	if f.Findings != "" && f.Findings != "note" && f.Findings != "refuse" {
		report(at+".findings", "flow %q: findings: want note or refuse", name)
	}
	if f.Discover != "" && f.Discover != "names" && f.Discover != "sample" {
		report(at+".discover", "flow %q: discover: want names or sample", name)
	}
}

// besideRules reports whether a file is in the folder of a rule file, or below it.
func (c *Config) besideRules(file string, rules []string) bool {
	return slices.ContainsFunc(rules, func(rule string) bool {
		folder, full := filepath.Dir(c.Path(rule)), c.Path(file)
		return within(folder, full) || within(resolved(folder), resolved(full))
	})
}

// within reports whether a path is in a folder, or below the folder. It does not follow links. If
// it does not know the absolute paths, it returns true.
func within(folder, path string) bool {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return true
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	inside, err := filepath.Rel(folder, full)
	return err == nil && inside != ".." && !strings.HasPrefix(inside, "../")
}

// resolved follows the links of a path, because somebody can change the file to which the links lead. A path that does
// not exist stays as it is.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
