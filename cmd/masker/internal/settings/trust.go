package settings

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Policy returns the settings of a flow that decide what masker trusts, by their names. An approval covers them. The
// values are those of the file, so that they are the same on every machine. If an environment variable replaces a
// setting, the value is the name of the variable. Policy leaves out settings without a value.
func (c *Config) Policy(name string, f Flow) map[string]string {
	g, from, to := c.GuardFlow(name, f), c.Environments[f.From], c.Environments[f.To]
	escrow := c.Ledger.Escrow.File
	if s3 := c.Ledger.Escrow.S3; s3 != nil {
		escrow = "s3 " + strings.Join([]string{s3.Endpoint, s3.Region, s3.Bucket, s3.Prefix}, " ")
		if s3.Insecure {
			escrow += " insecure"
		}
	}
	var roles []string
	for _, r := range c.Roles {
		roles = append(roles, r.From+" to "+r.To)
	}
	var until []string
	for code, day := range f.Until {
		until = append(until, code+" "+day)
	}
	all := map[string]string{
		"approvals.required":  strconv.Itoa(g.Approvals(from.NotProduction != "")),
		"approvals.signers":   f.Approvals.Signers,
		"approvals.revoked":   f.Approvals.Revoked,
		"allow":               listed(f.Allow),
		"until":               listed(until),
		"findings":            cmp.Or(f.Findings, "note"),
		"discover":            strings.TrimPrefix(f.Discover, "names"),
		"verify":              f.Verify.Level,
		"verify.memory":       f.Verify.Memory,
		"verify.keep_failed":  lasting(f.Verify.KeepFailed),
		"roles":               listed(roles),
		"reveal.columns":      listed(f.Reveal.Columns),
		"from.kind":           from.Kind,
		"from.holds":          from.Holds,
		"from.not_production": from.NotProduction,
		"to.adopt":            to.Adopt,
		"to.maintenance":      c.written("environments."+f.To+".maintenance", to.Maintenance),
		"ledger.path":         c.written("ledger.path", c.Ledger.Path),
		"ledger.signer":       c.Ledger.Signer,
		"ledger.escrow":       escrow,
		"ledger.trusted":      listed(c.Ledger.Trusted),
		"pg_dump":             c.written("pg_dump", c.PGDump),
		"key":                 c.keyText(f),
	}
	if d, err := f.Subset.Definition(); err == nil && d != nil { // check reports the error
		maps.Copy(all, d.Policy())
	}
	for key, value := range all {
		if value == "" {
			delete(all, key)
		}
	}
	return all
}

// lasting returns a duration as a text, or "" if it is zero.
func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// keyText says which key the flow has, and where it is kept. An approval covers both, because a person who chooses the
// key can undo pseudonyms.
func (c *Config) keyText(f Flow) string {
	name := c.KeyName(f)
	if name == "" {
		return PerRun
	}
	at := c.Keys[name].KeyLocation
	at.File = c.written("keys."+name+".file", at.File)
	return name + " {" + at.YAML() + "}"
}

// written returns the value of a setting, or the name of the environment variable that replaces it.
func (c *Config) written(key, value string) string {
	if variable, replaced := c.overridden[key]; replaced {
		return "${" + variable + "}"
	}
	return value
}

// listed sorts and joins a list, so that the order in the file does not matter.
func listed(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ", ") }
