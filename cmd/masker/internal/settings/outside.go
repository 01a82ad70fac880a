package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"github.com/masker-project/masker/pkg/program"
)

// This file decides which environment variables can change a movement. The person who starts masker chooses these
// variables, and is not always a reviewer of masker.yaml. Some settings decide what masker trusts (trustValues,
// maintenance, pg_dump). If the rules of a flow need an approval, no variable can change these settings.

// pgBin is the variable that names pg_dump's folder.
const pgBin = "MASKER_PG_BIN"

// override replaces settings with environment variables, if the tag of the setting allows it. The tags allow it for
// locations and limits, but never for policy. For example, MASKER_FLOWS_NIGHTLY_MAX_ROW replaces flows.nightly.max_row.
// The result maps each replaced setting to the name of the variable. If the name of a variable begins with a section of
// the file but the variable replaces nothing, override returns an error.
func override(v *viper.Viper, env map[string]string) (map[string]string, error) {
	known, done := make(map[string]bool), make(map[string]string)
	if env[pgBin] != "" {
		done["pg_dump"] = pgBin
	}
	file := configShape()
	for _, key := range file.replaceable("", v.GetStringMap) {
		name := variableFor(key)
		known[name] = true
		if value, ok := env[name]; ok {
			v.Set(key, value)
			done[key] = name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		for key := range file.keys {
			if section := variableFor(key); (name == section || strings.HasPrefix(name, section+"_")) && !known[name] {
				return nil, problem("environment variable %s overrides nothing that may be overridden; unset it, or see docs/configuration.md", name)
			}
		}
	}
	return done, nil
}

// variableFor returns the name of the environment variable that can replace a setting.
func variableFor(key string) string {
	return "MASKER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// replaceable returns the settings below path that environment variables may replace. The function entriesOf returns
// the entries that a mapping has in the file.
func (s *shape) replaceable(path string, entriesOf func(key string) map[string]any) []string {
	var keys []string
	for key, below := range s.keys {
		keys = append(keys, below.replaceable(strings.TrimPrefix(path+"."+key, "."), entriesOf)...)
	}
	switch {
	case s.each != nil && s.override != "":
		return s.each.replaceable(path+"."+s.override, entriesOf)
	case s.each != nil:
		for name := range entriesOf(path) {
			keys = append(keys, s.each.replaceable(path+"."+name, entriesOf)...)
		}
	case s.override != "":
		keys = append(keys, path)
	}
	return keys
}

// Guarded reports whether the configuration says that the flow's rules need an approval.
func (c *Config) Guarded(name string) bool {
	f, ok := c.Flows[name]
	return ok && c.GuardFlow(name, f).Guarded()
}

// AnyGuarded reports whether any flow is guarded. If so, the rules for guarded flows apply to settings that all flows
// share.
func (c *Config) AnyGuarded() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(c.Flows)), c.Guarded)
}

// CheckOverrides returns an error if the flow is guarded and an environment variable changes a setting that decides
// what masker trusts.
func (c *Config) CheckOverrides(name string) error {
	if !c.Guarded(name) {
		return nil
	}
	keys := []string{"ledger.path", "pg_dump", "environments." + c.Flows[name].To + ".maintenance"}
	var problems []string
	for _, key := range keys {
		if variable, ok := c.overridden[key]; ok {
			problems = append(problems, fmt.Sprintf("environment variable %s would change %s, and the rules of flow %q need an approval; unset the variable, and write %s: into %s, where people review it",
				variable, key, name, key, c.file))
		}
	}
	for key, value := range c.trustValues() {
		if names := variables(value); len(names) > 0 {
			problems = append(problems, fmt.Sprintf("%s: %s uses environment variable %s, and the rules of flow %q need an approval; write %s without a variable, so that people can review it",
				c.At(key), key, strings.Join(names, " and "), name, key))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	return problem("%s", strings.Join(problems, "\n"))
}

// CheckAllOverrides calls CheckOverrides for every flow. It is for verbs that have no flow.
func (c *Config) CheckAllOverrides() error {
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		if err := c.CheckOverrides(name); err != nil {
			return err
		}
	}
	return nil
}

// trustValues returns the settings that decide what masker trusts and that may hold ${NAME}: their values, by their
// paths.
func (c *Config) trustValues() map[string]string {
	return map[string]string{"ledger.path": c.Ledger.Path, "ledger.signer": c.Ledger.Signer, "ledger.escrow.file": c.Ledger.Escrow.File}
}

// Overridden returns the paths of the settings that environment variables replaced, and the paths of the settings in
// trustValues that hold ${NAME}. It returns no values.
func (c *Config) Overridden() []string {
	keys := slices.Collect(maps.Keys(c.overridden))
	for key, value := range c.trustValues() {
		if len(variables(value)) > 0 && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// ProgramPath returns the PATH that masker uses to find the programs of a flow. The programs get the same PATH.
func (c *Config) ProgramPath(name string) string {
	if c.Guarded(name) {
		return program.FixedPath
	}
	return c.env["PATH"]
}

// Dump says which pg_dump reads the source of a flow. If file is not "", masker uses only that file. Otherwise masker
// searches for a pg_dump. If fixed is true, it searches only in well-known folders.
func (c *Config) Dump(name string) (file string, fixed bool) {
	if _, moved := c.overridden["pg_dump"]; c.PGDump != "" && !moved {
		file = c.Path(c.PGDump)
	}
	return file, c.Guarded(name)
}
