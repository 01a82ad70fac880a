package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/keyring/keysource"
	"github.com/masker-project/masker/pkg/movement"
)

// keyText says for people whether a flow's results stay the same.
func (c *config) keyText(f settings.Flow) string {
	if name := c.KeyName(f); name != "" {
		return name + ": equal values give equal results in every run with this key"
	}
	return "made for each run and forgotten: no two runs give the same results"
}

// open opens a key.
func (c *config) open(ctx context.Context, name string, p settings.KeyLocation) (*keyring.Ring, error) {
	s, err := c.KeySource(p)
	if err != nil {
		return nil, err
	}
	ring, err := s.Open(ctx, c.Lookup)
	if err != nil {
		return nil, usage("key %s: %w", name, err)
	}
	return ring, nil
}

// key opens the flow's key, or makes one for this run. Who looks only starts no program for it: it may ask a person.
func (c *config) key(ctx context.Context, f settings.Flow, s *flowSpec, looks bool) error {
	name := c.KeyName(f)
	if name == "" {
		s.Key = movement.Key{Ring: keyring.Random(), PerRun: true}
		return nil
	}
	location := c.Keys[name].KeyLocation
	from, err := c.KeySource(location)
	if err != nil {
		return err
	}
	s.Key = movement.Key{Name: name, Warning: from.Warning()}
	if looks && len(from.Command)+len(from.PassphraseCommand) > 0 {
		s.Key.Warning = "key " + name + " is opened by a program when a run needs it; it was not tried"
		return nil
	}
	s.Key.Ring, err = c.open(ctx, name, location)
	return err
}

// secretArgument refuses a command line that holds a key: others can read it while we run, and the shell's history after.
func secretArgument(args []string) error {
	for i, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		base64 := func(s string) bool { return keysource.Resembles(s) && strings.HasSuffix(s, "=") }
		hex := keysource.Resembles(arg) && slices.Contains(args[:i], "keys")
		if base64(arg) || base64(value) || hex {
			return usage("argument %d looks like a key: keys are never given on the command line, where others see them; keep it in a file, and make a new one, for this one has been seen", i+1)
		}
	}
	return nil
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
