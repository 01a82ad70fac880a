package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/keyring/keysource"
	"github.com/masker-project/masker/pkg/program"
)

// PerRun is what a flow names in place of a key to have one made for each run, and forgotten.
const PerRun = "per-run"

// Key is one key of the configuration: where it is kept, and where those it replaced are.
type Key struct {
	KeyPlace `mapstructure:",squash"`
	// Retired keys open the tokens they made; nothing new is made with them.
	Retired []KeyPlace
}

// KeyPlace is where one key is kept: exactly one of File, Env, Age and Command.
type KeyPlace struct {
	File              string
	Env               string
	Age               string
	Identity          string
	PassphraseEnv     string   `mapstructure:"passphrase_env"`
	PassphraseCommand []string `mapstructure:"passphrase_command"`
	Command           []string
	Timeout           time.Duration
}

// KeySource resolves a place against the configuration's folder and the environment.
func (c *Config) KeySource(p KeyPlace) (keysource.Source, error) {
	s := keysource.Source{
		Env: p.Env, PassphraseEnv: p.PassphraseEnv, Timeout: p.Timeout,
		PassphraseCommand: slices.Clone(p.PassphraseCommand), Command: slices.Clone(p.Command),
	}
	if c.AnyGuarded() { // keys are shared by flows
		s.Environ = program.Clean(c.env)
	}
	for to, from := range map[*string]string{&s.File: p.File, &s.Age: p.Age, &s.Identity: p.Identity} {
		if from == "" {
			continue
		}
		path, err := c.Expand("keys", from)
		if err != nil {
			return s, err
		}
		*to = c.Path(path)
	}
	for _, argv := range [][]string{s.Command, s.PassphraseCommand} {
		if len(argv) > 0 && strings.ContainsRune(argv[0], '/') {
			argv[0] = c.Path(argv[0])
		}
	}
	return s, nil
}

func (p KeyPlace) check() error {
	return keysource.Source{
		File: p.File, Env: p.Env, Age: p.Age, Identity: p.Identity, PassphraseEnv: p.PassphraseEnv,
		PassphraseCommand: p.PassphraseCommand, Command: p.Command, Timeout: p.Timeout,
	}.Check()
}

func (c *Config) checkKeys(report func(key, format string, args ...any)) {
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		if name == PerRun {
			report("keys."+name, "a key cannot be named %s: flows say it to have a key made for each run", PerRun)
		}
		for _, p := range append([]KeyPlace{c.Keys[name].KeyPlace}, c.Keys[name].Retired...) {
			if err := p.check(); err != nil {
				report("keys."+name, "key %q: %v", name, err)
			}
		}
	}
}

// KeyName is the key a flow's results are made with: what it names, else default, else "" for a key per run.
func (c *Config) KeyName(f Flow) string {
	_, ok := c.Keys["default"]
	switch {
	case f.Key == PerRun || f.Key == "" && !ok:
		return ""
	case f.Key == "":
		return "default"
	}
	return f.Key
}

// Lookup is a variable of the process's environment.
func (c *Config) Lookup(name string) (string, bool) {
	value, ok := c.env[name]
	return value, ok
}

// YAML is the place as the configuration writes it.
func (p KeyPlace) YAML() string {
	var parts []string
	for _, kv := range [][2]string{{"file", p.File}, {"env", p.Env}, {"age", p.Age}, {"identity", p.Identity}, {"passphrase_env", p.PassphraseEnv}} {
		if kv[1] != "" {
			parts = append(parts, fmt.Sprintf("%s: %q", kv[0], kv[1]))
		}
	}
	for _, list := range []struct {
		name string
		argv []string
	}{{"passphrase_command", p.PassphraseCommand}, {"command", p.Command}} {
		if len(list.argv) > 0 {
			quoted := make([]string, len(list.argv))
			for i, arg := range list.argv {
				quoted[i] = fmt.Sprintf("%q", arg)
			}
			parts = append(parts, list.name+": ["+strings.Join(quoted, ", ")+"]")
		}
	}
	return strings.Join(parts, ", ")
}
