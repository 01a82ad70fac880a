package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"github.com/masker-project/masker/pkg/program"
)

// What of the process's environment reaches a movement. Whoever starts masker chooses that environment and may be nobody who
// reviews masker.yaml: where the rules of a flow need an approval, nothing of it moves what decides trust.

// pgBin is the variable that names pg_dump's folder.
const pgBin = "MASKER_PG_BIN"

// override lets the process's environment replace the values whose tags say so: where things are, and nothing that is
// policy. MASKER_FLOWS_NIGHTLY_MAX_ROW replaces flows.nightly.max_row. It says which keys were replaced, and by which
// variables. A variable that looks like one of these and replaces nothing is an error.
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

// variableFor is the environment variable that replaces a key, where one may.
func variableFor(key string) string {
	return "MASKER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

// replaceable are the keys below a position that variables may replace; named are the entries that a mapping has.
func (s *shape) replaceable(at string, named func(key string) map[string]any) []string {
	var keys []string
	for key, below := range s.keys {
		keys = append(keys, below.replaceable(strings.TrimPrefix(at+"."+key, "."), named)...)
	}
	switch {
	case s.each != nil && s.override != "":
		return s.each.replaceable(at+"."+s.override, named)
	case s.each != nil:
		for name := range named(at) {
			keys = append(keys, s.each.replaceable(at+"."+name, named)...)
		}
	case s.override != "":
		keys = append(keys, at)
	}
	return keys
}

// Guarded is true of a flow whose rules need an approval, as far as the file tells.
func (c *Config) Guarded(name string) bool {
	f, ok := c.Flows[name]
	return ok && c.GuardFlow(name, f).Guarded()
}

// AnyGuarded is true where some flow is guarded. It is asked for what all flows share.
func (c *Config) AnyGuarded() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(c.Flows)), c.Guarded)
}

// Fixed refuses, of a guarded flow, an environment that would move what decides trust.
func (c *Config) Fixed(name string) error {
	if !c.Guarded(name) {
		return nil
	}
	keys := []string{"ledger.path", "pg_dump", "environments." + c.Flows[name].To + ".maintenance"}
	var problems []string
	for _, key := range keys {
		if variable, ok := c.overridden[key]; ok {
			problems = append(problems, fmt.Sprintf("environment variable %s would move %s, and the rules of flow %q need an approval: unset it, and write %s: into %s, where it is reviewed",
				variable, key, name, key, c.file))
		}
	}
	for key, value := range c.trusting() {
		if names := variables(value); len(names) > 0 {
			problems = append(problems, fmt.Sprintf("%s: %s takes environment variable %s, and the rules of flow %q need an approval: write %s out, where it is reviewed",
				c.At(key), key, strings.Join(names, " and "), name, key))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	return problem("%s", strings.Join(problems, "\n"))
}

// FixedForAll asks Fixed of every flow, for a verb that is about none.
func (c *Config) FixedForAll() error {
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		if err := c.Fixed(name); err != nil {
			return err
		}
	}
	return nil
}

// trusting are the values that decide trust and may hold ${NAME}, by their keys.
func (c *Config) trusting() map[string]string {
	return map[string]string{"ledger.path": c.Ledger.Path, "ledger.signer": c.Ledger.Signer, "ledger.escrow.file": c.Ledger.Escrow.File}
}

// Overridden are the keys that the environment gave another value, or a part of one where they decide trust; never the values.
func (c *Config) Overridden() []string {
	keys := slices.Collect(maps.Keys(c.overridden))
	for key, value := range c.trusting() {
		if len(variables(value)) > 0 && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// ProgramPath is the PATH that the programs of a flow are looked for in, and get.
func (c *Config) ProgramPath(name string) string {
	if c.Guarded(name) {
		return program.FixedPath
	}
	return c.env["PATH"]
}

// Dump says which pg_dump a flow is read with: file is the only one where it is not "", and fixed says that only well-known folders are
// searched otherwise.
func (c *Config) Dump(name string) (file string, fixed bool) {
	if _, moved := c.overridden["pg_dump"]; c.PGDump != "" && !moved {
		file = c.Path(c.PGDump)
	}
	return file, c.Guarded(name)
}
