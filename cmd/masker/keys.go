package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/keyring/keysource"
	"github.com/masker-project/masker/pkg/ledger"
)

func (a *app) keys() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make, replace and list keys; never shows a key",
		Long: "Treatments derive their results from a key. Whoever has the key can test guesses against tokens, and can\n" +
			"open reversible tokens. A key is kept in a file, in an age file or in an environment variable, or a\n" +
			"program prints it. A key must not be in a rule, in masker.yaml or on a command line.",
		Args: noKeys,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.keysNew(), a.keysRotate(), a.keysShow())
	for _, sub := range c.Commands() {
		asUsage(sub)
	}
	return c
}

// noKeys refuses arguments without quoting them, because an argument may be a key.
func noKeys(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("this verb takes no argument; never write a key on a command line")
	}
	return nil
}

func (a *app) keysNew() *cobra.Command {
	var file string
	var recipients []string
	c := &cobra.Command{
		Use:     "new",
		Short:   "Make a key file; never overwrites one",
		Example: "  masker keys new\n  masker keys new --file keys/default.age --recipient age1…",
		Args:    noKeys,
		RunE:    func(*cobra.Command, []string) error { return a.newKey(file, recipients) },
	}
	c.Flags().StringVar(&file, "file", "", "the `file` to make. Default: the file of keys.default")
	c.Flags().StringArrayVar(&recipients, "recipient", nil, "encrypt the file with age for this public `key` (age1…). May be given more than once")
	return c
}

func (a *app) newKey(file string, recipients []string) error {
	if file == "" {
		file = filepath.Join(filepath.Dir(a.configFile), "keys", "default.key")
		if _, err := os.Stat(a.configFile); err == nil {
			c, err := loadConfig(a.configFile, a.env)
			if err != nil {
				return err
			}
			if s, err := c.KeySource(c.Keys["default"].KeyLocation); err == nil && s.File != "" {
				file = s.File
			} else if s.Age != "" {
				return usage("keys.default is an age file; name the file and the public key that may open it: masker keys new --file %s --recipient age1…", s.Age)
			}
		}
	}
	if keysource.Resembles(file) {
		return usage("--file looks like a key, not like the name of a file; never write a key on a command line")
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	generate := keysource.Generate
	if len(recipients) > 0 {
		generate = func(path string) error { return keysource.GenerateFor(path, recipients...) }
	}
	if err := generate(file); err != nil {
		return usage("%w", err)
	}
	written, err := a.asConfigured(file)
	if err != nil {
		return err
	}
	kind := "keys: {default: {file: " + written + "}}"
	if len(recipients) > 0 {
		kind = "keys: {default: {age: " + written + ", identity: YOUR-IDENTITY-FILE}}"
	}
	_, err = fmt.Fprintf(a.out, "made       %s, which only you can read\nconfigure  %s\nback up    keep a copy where you keep secrets: a lost key cannot be made again\nprotect    keep the key away from the target, its backups and version control\n", file, kind)
	return err
}

func (a *app) keysRotate() *cobra.Command {
	var name, file string
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Make a new key that replaces an old one",
		Long: "Rotate makes a new key and keeps it in the same way as the old one. It prints the lines of masker.yaml\n" +
			"that make masker use the new key. With a new key every result changes: data that was made with the old\n" +
			"key cannot be joined with data that was made with the new one. Keep the old key under retired for as\n" +
			"long as you need to reveal its tokens.",
		Args: noKeys,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.rotate(cmd.Context(), name, file) },
	}
	c.Flags().StringVar(&name, "key", "default", "`name` of the key under keys")
	c.Flags().StringVar(&file, "file", "", "the `file` to make. Default: the old file's name with the next number")
	return c
}

func (a *app) rotate(ctx context.Context, name, file string) error {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return err
	}
	if err := c.CheckAllOverrides(); err != nil {
		return err
	}
	entry, ok := c.Keys[name]
	if !ok {
		return usage("there is no such key%s; %s names: %s", spell.Mean(name, slices.Sorted(maps.Keys(c.Keys))), c.File(), strings.Join(slices.Sorted(maps.Keys(c.Keys)), ", "))
	}
	s, err := c.KeySource(entry.KeyLocation)
	if err != nil {
		return err
	}
	old, err := c.open(ctx, name, entry.KeyLocation)
	if err != nil {
		return err
	}
	var written string // the path as masker.yaml will name it
	if file == "" {
		written = nextName(entry.File+entry.Age, func(p string) bool { _, err := os.Lstat(c.Path(p)); return err == nil })
		file = c.Path(written)
	} else if written, err = a.asConfigured(file); err != nil {
		return err
	}
	l, err := c.openLedger()
	if err != nil {
		return err
	}
	defer l.Close()
	if err := s.Next(ctx, file, c.Lookup); err != nil {
		return usage("%w", err)
	}
	if s, err = c.KeySource(entry.WithFile(written)); err != nil {
		return err
	}
	fresh, err := s.Open(ctx, c.Lookup)
	if err != nil {
		return fmt.Errorf("the new key cannot be opened: %w", err)
	}
	if err := l.Rotate(ledger.Rotation{Key: name, From: old.Fingerprint(), To: fresh.Fingerprint(), Actor: actor(a.env)}); err != nil {
		return err
	}
	return a.printRotation(c, name, entry, entry.WithFile(written), old, fresh)
}

func (a *app) printRotation(c *config, name string, entry settings.Key, next settings.KeyLocation, old, fresh *keyring.Ring) error {
	retired := make([]string, 0, 1+len(entry.Retired))
	for _, p := range entry.All() {
		retired = append(retired, "{"+p.YAML()+"}")
	}
	var flows []string
	for _, f := range slices.Sorted(maps.Keys(c.Flows)) {
		if c.KeyName(c.Flows[f]) == name {
			flows = append(flows, f)
		}
	}
	_, err := fmt.Fprintf(a.out, "made       %s\nfrom       %s\nto         %s\nflows      %s\n"+
		"Nothing has changed yet. To use the new key, write into %s:\n\n  keys:\n    %s: {%s, retired: [%s]}\n\n"+
		"From the next run on, these flows make other pseudonyms, fakes and tokens. They cannot be joined with those made\n"+
		"before. Check which systems have stored results of the old key, such as test data or bookmarks.\n"+
		"masker reveal opens tokens of both keys. When nobody needs the tokens of a retired key any more, remove that key\n"+
		"from the configuration and destroy it.\n",
		next.File+next.Age, old.Fingerprint(), fresh.Fingerprint(), strings.Join(flows, ", "), c.File(), name, next.YAML(), strings.Join(retired, ", "))
	return err
}

// asConfigured returns a path as the configuration writes it. A relative path in a configuration starts from the
// configuration's folder, and not from the working folder.
func (a *app) asConfigured(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	dir, err := filepath.Abs(filepath.Dir(a.configFile))
	if err != nil {
		return "", err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(dir, full)
}

// nextName returns the path with the first free number: keys/default-2.key after keys/default.key.
func nextName(path string, taken func(string) bool) string {
	ext := filepath.Ext(path)
	base := strings.TrimSuffix(path, ext)
	if i := strings.LastIndexByte(base, '-'); i >= 0 && strings.Trim(base[i+1:], "0123456789") == "" && i+1 < len(base) {
		base = base[:i]
	}
	for n := 2; ; n++ {
		if name := fmt.Sprintf("%s-%d%s", base, n, ext); !taken(name) {
			return name
		}
	}
}

func (a *app) keysShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "List the keys of the configuration: names, locations and fingerprints",
		Args:  noKeys,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.showKeys(cmd.Context()) },
	}
}

// showKeys lists all keys, including those that cannot be opened.
func (a *app) showKeys(ctx context.Context) error {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return err
	}
	if len(c.Keys) == 0 {
		_, err := fmt.Fprintln(a.out, "the configuration has no keys: every run makes its own key and discards it, so no two runs give the same results")
		return err
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(c.Keys)) {
		for i, location := range c.Keys[name].All() {
			s, err := c.KeySource(location)
			if err != nil {
				return err
			}
			fingerprint, state := "-", "in use"
			if i > 0 {
				state = "retired"
			}
			if ring, err := s.Open(ctx, c.Lookup); err != nil {
				problems = append(problems, usage("key %s: %w", name, err))
			} else {
				fingerprint = ring.Fingerprint()
			}
			fmt.Fprintf(a.out, "%s  %s  %s  %s\n", name, state, fingerprint, s)
			if s.Warning() != "" {
				fmt.Fprintf(a.err, "key %s: note: %s\n", name, s.Warning())
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		fmt.Fprintf(a.out, "flow %s  %s\n", name, c.keyText(c.Flows[name]))
	}
	return errors.Join(problems...)
}
