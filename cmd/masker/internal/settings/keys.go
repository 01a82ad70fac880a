package settings

import (
	"fmt"
	"maps"
	"reflect"
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
	KeyLocation `mapstructure:",squash"`
	// Nothing new is made with them.
	Retired []KeyLocation `doc:"Keys it replaced; they open the tokens they made."`
}

// All are where the key and those it replaced are kept, the key itself first.
func (k Key) All() []KeyLocation { return append([]KeyLocation{k.KeyLocation}, k.Retired...) }

// KeyLocation is where one key is kept: exactly one of File, Env, Age and Command.
type KeyLocation struct {
	File              string        `override:"yes" doc:"A key file, mode 0600."`
	Env               string        `doc:"The name of an environment variable that holds the key."`
	Age               string        `doc:"A key file encrypted with age."`
	Identity          string        `doc:"Of age: the identity file that opens it."`
	PassphraseEnv     string        `mapstructure:"passphrase_env" doc:"Of age: the name of an environment variable that holds the passphrase."`
	PassphraseCommand []string      `mapstructure:"passphrase_command" doc:"Of age: a program that prints the passphrase, and its arguments."`
	Command           []string      `doc:"A program that prints the key, and its arguments; no shell reads them."`
	Timeout           time.Duration `doc:"How long a program may take (30s). Default: 30s."`
}

// In is the location of a key that is kept the same way in another file.
func (l KeyLocation) In(file string) KeyLocation {
	if l.File != "" {
		l.File = file
	} else {
		l.Age = file
	}
	return l
}

// source is the location as it is written.
func (l KeyLocation) source() keysource.Source {
	return keysource.Source{
		File: l.File, Env: l.Env, Age: l.Age, Identity: l.Identity, PassphraseEnv: l.PassphraseEnv, Timeout: l.Timeout,
		PassphraseCommand: slices.Clone(l.PassphraseCommand), Command: slices.Clone(l.Command),
	}
}

// KeySource resolves a location against the configuration's folder and the environment.
func (c *Config) KeySource(l KeyLocation) (keysource.Source, error) {
	s := l.source()
	if c.AnyGuarded() { // keys are shared by flows
		s.Environ = program.Clean(c.env)
	}
	for _, path := range []*string{&s.File, &s.Age, &s.Identity} {
		if *path == "" {
			continue
		}
		full, err := c.Expand("keys", *path)
		if err != nil {
			return s, err
		}
		*path = c.Path(full)
	}
	for _, argv := range [][]string{s.Command, s.PassphraseCommand} {
		if len(argv) > 0 && strings.ContainsRune(argv[0], '/') {
			argv[0] = c.Path(argv[0])
		}
	}
	return s, nil
}

func (c *Config) checkKeys(report func(key, format string, args ...any)) {
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		if name == PerRun {
			report("keys."+name, "a key cannot be named %s: flows say it to have a key made for each run", PerRun)
		}
		for _, l := range c.Keys[name].All() {
			if err := l.source().Check(); err != nil {
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

// YAML is the location as the configuration writes it.
func (l KeyLocation) YAML() string {
	var parts []string
	values := reflect.ValueOf(l)
	for i, f := range reflect.VisibleFields(values.Type()) {
		if values.Field(i).IsZero() {
			continue
		}
		text := ""
		switch value := values.Field(i).Interface().(type) {
		case []string:
			quoted := make([]string, len(value))
			for i, arg := range value {
				quoted[i] = fmt.Sprintf("%q", arg)
			}
			text = "[" + strings.Join(quoted, ", ") + "]"
		case time.Duration:
			text = value.String()
		default:
			text = fmt.Sprintf("%q", value)
		}
		parts = append(parts, keyOf(f)+": "+text)
	}
	return strings.Join(parts, ", ")
}
