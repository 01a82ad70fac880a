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

// PerRun stands in a flow in the place of a key's name. Then the flow gets a new key for each run.
const PerRun = "per-run"

// Key is one key of the configuration: its location, and the locations of the keys that it replaced.
type Key struct {
	KeyLocation `mapstructure:",squash"`
	Retired     []KeyLocation `doc:"The keys that this key replaced. Masker uses them only to reveal the tokens that they made."`
}

// All returns the location of the key, and then those of its retired keys.
func (k Key) All() []KeyLocation { return append([]KeyLocation{k.KeyLocation}, k.Retired...) }

// KeyLocation says where a key is kept. Exactly one of File, Env, Age and Command is set.
type KeyLocation struct {
	File              string        `override:"yes" doc:"A key file with mode 0600."`
	Env               string        `doc:"The name of an environment variable that holds the key."`
	Age               string        `doc:"A key file encrypted with age."`
	Identity          string        `doc:"For age: the identity file that opens the key file."`
	PassphraseEnv     string        `mapstructure:"passphrase_env" doc:"For age: the name of an environment variable that holds the passphrase."`
	PassphraseCommand []string      `mapstructure:"passphrase_command" doc:"For age: a program that prints the passphrase, and its arguments."`
	Command           []string      `doc:"A program that prints the key, and its arguments. Masker starts it without a shell."`
	Timeout           time.Duration `doc:"How long a program may run (30s). Default: 30s."`
}

// WithFile returns a copy of the location with another file. The location must have a file: File or Age is set.
func (l KeyLocation) WithFile(file string) KeyLocation {
	if l.File != "" {
		l.File = file
	} else {
		l.Age = file
	}
	return l
}

// source returns the location with its paths as the file writes them.
func (l KeyLocation) source() keysource.Source {
	return keysource.Source{
		File: l.File, Env: l.Env, Age: l.Age, Identity: l.Identity, PassphraseEnv: l.PassphraseEnv, Timeout: l.Timeout,
		PassphraseCommand: slices.Clone(l.PassphraseCommand), Command: slices.Clone(l.Command),
	}
}

// KeySource returns the location with variables replaced, and with paths resolved against the configuration's folder.
func (c *Config) KeySource(l KeyLocation) (keysource.Source, error) {
	s := l.source()
	if c.AnyGuarded() { // flows share keys, so a guarded flow may use this one
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

// KeyFiles returns all files that contain keys of the configuration, or that are needed to open them. It leaves out a
// key whose environment variables are not set, because masker cannot open such a key.
func (c *Config) KeyFiles() []string {
	var files []string
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		for _, l := range c.Keys[name].All() {
			s, err := c.KeySource(l)
			if err != nil {
				continue
			}
			for _, file := range []string{s.File, s.Age, s.Identity} {
				if file != "" {
					files = append(files, file)
				}
			}
		}
	}
	return files
}

func (c *Config) checkKeys(report func(key, format string, args ...any)) {
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		if name == PerRun {
			report("keys."+name, "a key cannot have the name %s, because a flow with key: per-run gets a new key for each run", PerRun)
		}
		for _, l := range c.Keys[name].All() {
			if err := l.source().Check(); err != nil {
				report("keys."+name, "key %q: %v", name, err)
			}
		}
	}
}

// KeyName returns the name of the flow's key. If the flow names no key, the name is "default" if
// there is a key with this name. If the flow gets a new key for each run, the name is "".
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

// Lookup returns the value of an environment variable of the process. The result ok is false if the variable is not
// set.
func (c *Config) Lookup(name string) (value string, ok bool) {
	value, ok = c.env[name]
	return value, ok
}

// YAML returns the location as masker.yaml writes it, without braces.
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
