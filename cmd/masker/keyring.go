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

// keyText names a flow's key, and says whether two runs give the same results.
func (c *config) keyText(f settings.Flow) string {
	if name := c.KeyName(f); name != "" {
		return name + ": equal values give equal results in every run with this key"
	}
	return "made for each run and then discarded: no two runs give the same results"
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

// key sets the key of s: the flow's key, or a random key for this run. If checkOnly is set, the method does not start a
// program to get the key, because the program may ask a person for a passphrase. Then s.Key.Ring stays nil.
func (c *config) key(ctx context.Context, f settings.Flow, s *flowSpec, checkOnly bool) error {
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
	if checkOnly && len(from.Command)+len(from.PassphraseCommand) > 0 {
		s.Key.Warning = "key " + name + " was not opened, because it needs a program; a run opens it"
		return nil
	}
	s.Key.Ring, err = c.open(ctx, name, location)
	return err
}

// secretArgument refuses a command line that holds a key. Other users can read the command line while masker runs, and
// the command line stays in the shell's history.
func secretArgument(args []string) error {
	for i, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		base64 := func(s string) bool { return keysource.Resembles(s) && strings.HasSuffix(s, "=") }
		hex := keysource.Resembles(arg) && slices.Contains(args[:i], "keys")
		if base64(arg) || base64(value) || hex {
			return usage("argument %d looks like a key, and other users can read the command line; make a new key, because this one may have been seen, and keep it in a file", i+1)
		}
	}
	return nil
}

// secretInRules refuses a rule file that holds a key, because rule files are reviewed, copied and kept forever.
func secretInRules(files []string) error {
	key := regexp.MustCompile(`(^|[^A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{43}=([^A-Za-z0-9+/_=-]|$)`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the error comes when the rules are read
		}
		line := 0
		for text := range strings.Lines(string(data)) {
			if line++; strings.Contains(text, "=") && key.MatchString(strings.TrimRight(text, "\r\n")) {
				return usage("%s:%d: the line holds a text that looks like a key; remove it, make a new key, because this one may have been seen, and name the new key's location under keys in masker.yaml", file, line)
			}
		}
	}
	return nil
}
