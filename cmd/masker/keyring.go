package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
)

// perRun is what a flow names in place of a key to have one made for each run, and forgotten.
const perRun = "per-run"

// keyEntry is one key of the configuration: where it is kept, and where those it replaced are.
type keyEntry struct {
	keyPlace `mapstructure:",squash"`
	// Retired keys open the tokens they made; nothing new is made with them.
	Retired []keyPlace
}

// keyPlace is where one key is kept: exactly one of File, Env, Age and Command.
type keyPlace struct {
	File              string
	Env               string
	Age               string
	Identity          string
	PassphraseEnv     string   `mapstructure:"passphrase_env"`
	PassphraseCommand []string `mapstructure:"passphrase_command"`
	Command           []string
	Timeout           time.Duration
}

// source resolves a place against the configuration's folder and the environment.
func (c *config) source(p keyPlace) (keyring.Source, error) {
	s := keyring.Source{
		Env: p.Env, PassphraseEnv: p.PassphraseEnv, Timeout: p.Timeout,
		PassphraseCommand: slices.Clone(p.PassphraseCommand), Command: slices.Clone(p.Command),
	}
	for to, from := range map[*string]string{&s.File: p.File, &s.Age: p.Age, &s.Identity: p.Identity} {
		if from == "" {
			continue
		}
		path, err := c.expand("keys", from)
		if err != nil {
			return s, err
		}
		*to = c.path(path)
	}
	for _, argv := range [][]string{s.Command, s.PassphraseCommand} {
		if len(argv) > 0 && strings.ContainsRune(argv[0], '/') {
			argv[0] = c.path(argv[0])
		}
	}
	return s, nil
}

func (p keyPlace) check() error {
	return keyring.Source{
		File: p.File, Env: p.Env, Age: p.Age, Identity: p.Identity, PassphraseEnv: p.PassphraseEnv,
		PassphraseCommand: p.PassphraseCommand, Command: p.Command, Timeout: p.Timeout,
	}.Check()
}

func (c *config) checkKeys(report func(key, format string, args ...any)) {
	for _, name := range sorted(c.Keys) {
		if name == perRun {
			report("keys."+name, "a key cannot be named %s: flows say it to have a key made for each run", perRun)
		}
		for _, p := range append([]keyPlace{c.Keys[name].keyPlace}, c.Keys[name].Retired...) {
			if err := p.check(); err != nil {
				report("keys."+name, "key %q: %v", name, err)
			}
		}
	}
}

// keyName is the key a flow's results are made with: what it names, else default, else "" for a key per run.
func (c *config) keyName(f flow) string {
	_, ok := c.Keys["default"]
	switch {
	case f.Key == perRun || f.Key == "" && !ok:
		return ""
	case f.Key == "":
		return "default"
	}
	return f.Key
}

// keyText says for people whether a flow's results stay the same.
func (c *config) keyText(f flow) string {
	if name := c.keyName(f); name != "" {
		return name + ": equal values give equal results in every run with this key"
	}
	return "made for each run and forgotten: no two runs give the same results"
}

// open opens a place of a key.
func (c *config) open(ctx context.Context, name string, p keyPlace) (*keyring.Ring, error) {
	s, err := c.source(p)
	if err != nil {
		return nil, err
	}
	ring, err := s.Open(ctx, c.lookup)
	if err != nil {
		return nil, usage("key %s: %w", name, err)
	}
	return ring, nil
}

func (c *config) lookup(name string) (string, bool) {
	value, ok := c.env[name]
	return value, ok
}

// key opens the flow's key, or makes one for this run.
func (c *config) key(ctx context.Context, f flow, m *movement) error {
	m.keyName = c.keyName(f)
	if m.keyName == "" {
		m.ring, m.keyPerRun = keyring.Random(), true
		return nil
	}
	place := c.Keys[m.keyName].keyPlace
	s, err := c.source(place)
	if err != nil {
		return err
	}
	m.keyWarning = s.Warning()
	m.ring, err = c.open(ctx, m.keyName, place)
	return err
}

// keyed refuses a plan whose rules ask for a key that stays, where the flow's does not.
func (c *config) keyed(f flow, p *plan.Plan) error { return keyed(c.keyName(f) == "", p) }

func keyed(perRun bool, p *plan.Plan) error {
	if !perRun {
		return nil
	}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			if len(transform.ReversibleDomains(col.Use)) > 0 {
				return usage("%s: %s.%s is reversible, but the key is made for each run and forgotten, so that nobody could reveal it; add one under keys, or use token", col.Pos, t.Name, col.Name)
			}
		}
	}
	return nil
}

// secretArgument refuses a command line that holds a key: others can read it while we run, and the shell's history after.
func secretArgument(args []string) error {
	for i, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		base64 := func(s string) bool { return keyring.Resembles(s) && strings.HasSuffix(s, "=") }
		hex := keyring.Resembles(arg) && slices.Contains(args[:i], "keys")
		if base64(arg) || base64(value) || hex {
			return usage("argument %d looks like a key: keys are never given on the command line, where others see them; keep it in a file, and make a new one, for this one has been seen", i+1)
		}
	}
	return nil
}

// fingerprints name keys.
func fingerprints(rings []*keyring.Ring) []string {
	ids := make([]string, 0, len(rings))
	for _, r := range rings {
		ids = append(ids, r.Fingerprint())
	}
	return ids
}

// secretInRules refuses a rule file that holds a key: rules are reviewed, copied and kept for good.
func secretInRules(files []string) error {
	key := regexp.MustCompile(`(^|[^A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{43}=([^A-Za-z0-9+/_=-]|$)`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // reading it as rules says why
		}
		line := 0
		for text := range strings.Lines(string(data)) {
			if line++; key.MatchString(strings.TrimRight(text, "\r\n")) {
				return usage("%s:%d: this holds what looks like a key; a key stands in no rule: take it out, say under keys where it is kept, and make a new one, for this one has been seen", file, line)
			}
		}
	}
	return nil
}
