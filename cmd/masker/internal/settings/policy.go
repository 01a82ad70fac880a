package settings

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
)

// checkPolicy holds what a flow requires and waives against itself.
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
		report(at+".approvals", "flow %q: its rules need an approval, and it does not say whose counts; add approvals: {required: %d, signers: policy/allowed_signers}, "+
			"or waive them in the open: approvals: {required: 0}", name, required)
	case f.Approvals.Signers != "" && c.among(f.Approvals.Signers, f.Rules):
		report(at+".approvals", "flow %q: %s lies in the folder of the rules, where whoever changes them could change who approves them; keep it outside", name, f.Approvals.Signers)
	case f.Approvals.Revoked != "" && c.among(f.Approvals.Revoked, f.Rules):
		report(at+".approvals", "flow %q: %s lies in the folder of the rules, where whoever changes them could let a revoked key count; keep it outside", name, f.Approvals.Revoked)
	}
	if kind, err := guard.ParseKind(from.Kind); len(f.Rules) == 0 && (err != nil || production || kind == guard.Preproduction) {
		report(at, "flow %q names no rules; add rules: [rules/NAME.yaml]", name)
	}
	for _, code := range f.Allow {
		if !slices.Contains(guard.Codes(), code) {
			report(at+".allow", "flow %q: allow: %q%s; want some of %s", name, code, spell.Mean(code, guard.Codes()), strings.Join(guard.Codes(), ", "))
		}
	}
	if f.Findings != "" && f.Findings != "note" && f.Findings != "refuse" {
		report(at+".findings", "flow %q: findings: want note or refuse", name)
	}
}

// among is true where a file lies in the folder of a rule file, or below it.
func (c *Config) among(file string, rules []string) bool {
	return slices.ContainsFunc(rules, func(rule string) bool {
		folder, full := filepath.Dir(c.Path(rule)), c.Path(file)
		return within(folder, full) || within(resolved(folder), resolved(full))
	})
}

// within is true where a path lies in a folder, or below it, as both are written.
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

// resolved follows links: where a file lies is where its content can be changed. What is not there yet stays as it is written.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
