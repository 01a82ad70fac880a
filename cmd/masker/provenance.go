package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/ledger/show"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/source"
)

func (a *app) provenance() *cobra.Command {
	var keys []string
	var format string
	c := &cobra.Command{
		Use:   "provenance DATABASE",
		Short: "Show where a database comes from, and whether that is proven",
		Long: "Provenance reads the record that every refresh leaves in its target, and verifies it with the ledger's\n" +
			"public key. It does not read the ledger, and it reads no rows of your tables.\n\n" +
			"DATABASE is one of:\n" +
			"  NAME            an environment of the configuration\n" +
			"  '${NAME}'       an environment variable that holds a URL\n" +
			"  postgres://...  a URL without a password; the password comes from PGPASSWORD or the password file\n\n" +
			"The exit code is 0 if the key proves that masker made this database under its present name. It is 3 if\n" +
			"that is not proven. The output then says why.",
		Example: "  masker provenance staging\n  masker provenance '${STAGING_URL}' --key masker-ledger-1b2c3d4e+8d6f…+AT1…",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.showProvenance(cmd.Context(), args[0], keys, format)
		},
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "`VKEY|FILE`: the ledger's public key, as masker ledger key prints it. May be given once for each ledger of the steps. Default: the keys of the configuration's ledger and of those that it trusts")
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

func (a *app) showProvenance(ctx context.Context, database string, given []string, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	dsn, err := a.database(database)
	if err != nil {
		return err
	}
	keys, err := a.verifierKeys(given)
	if err != nil {
		return err
	}
	p, err := source.ReadProvenance(ctx, dsn)
	if err != nil {
		return err
	}
	o := provenance.Judge(p, keys)
	if format == "json" {
		err = a.writeJSON(o)
	} else {
		_, err = fmt.Fprint(a.out, show.Origin(o))
	}
	if err != nil {
		return err
	}
	if o.Why != "" {
		return &coded{exitRefused, errors.New("not proven: " + o.Why)}
	}
	return nil
}

func (a *app) writeJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = a.out.Write(append(report.ASCII(data), '\n'))
	return err
}

// database returns the URL for the argument DATABASE: an environment, ${NAME}, or a URL without a password.
func (a *app) database(named string) (string, error) {
	return a.databaseIn(named, func() (*config, error) { return loadConfig(a.configFile, a.env) })
}

// databaseIn is like database. It calls load to read the configuration, but only if named is an environment.
func (a *app) databaseIn(named string, load func() (*config, error)) (string, error) {
	if _, ok := variableOf(named); ok {
		return settings.New(a.configFile, a.env).Expand("DATABASE", named)
	}
	if strings.Contains(named, "://") || strings.Contains(named, "=") {
		if hasPassword(named) {
			return "", usage("the URL holds a password, and other users can read the command line; " +
				"put the URL into an environment variable and write '${NAME}', and change the password, because it may have been seen")
		}
		return named, nil
	}
	c, err := load()
	if err != nil {
		return "", err
	}
	if _, ok := c.Environments[named]; !ok {
		return "", usage("%s has no environment %q%s; name one, or a database as '${NAME}' or postgres://…", a.configFile, named, spell.Mean(named, slices.Sorted(maps.Keys(c.Environments))))
	}
	return c.URL(named)
}

// hasPassword reports whether a connection URL, or a list of keyword=value, holds a password. It returns true for a URL
// that it cannot parse.
func hasPassword(dsn string) bool {
	if !strings.Contains(dsn, "://") {
		return regexp.MustCompile(`(?i)(^|\s)(ssl)?password\s*=`).MatchString(dsn)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return true
	}
	_, set := u.User.Password()
	q := u.Query()
	return set || q.Has("password") || q.Has("sslpassword")
}

// verifierKeys returns the public keys that the flags give. If the flags give no key, it returns the keys of the
// configured ledger and of the other ledgers that the configuration trusts.
func (a *app) verifierKeys(given []string) ([]string, error) {
	var keys []string
	for _, k := range given {
		if !strings.Contains(k, "+") || fileExists(k) {
			data, err := os.ReadFile(k)
			if err != nil {
				return nil, usage("--key: want a ledger's public key (NAME+HASH+BASE64, as masker ledger key prints it) or a file that holds one: %w", err)
			}
			k = string(data)
		}
		if k = strings.TrimSpace(k); strings.HasPrefix(k, "PRIVATE+") {
			return nil, usage("--key: this is the ledger's signing key, which must stay secret; masker ledger key prints the public key")
		}
		keys = append(keys, k)
	}
	if len(keys) > 0 || !fileExists(a.configFile) {
		return keys, nil
	}
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, err
	}
	if err := c.CheckAllOverrides(); err != nil {
		return nil, err
	}
	own, err := c.ledgerKey()
	if err != nil {
		return nil, err
	}
	trusted, err := c.trustedKeys()
	return append(own, trusted...), err
}

// ledgerKey returns the public key of the configured ledger. If the ledger does not exist, ledgerKey returns no key,
// and does not make a ledger.
func (c *config) ledgerKey() ([]string, error) {
	if c.Ledger.Path == "" {
		return nil, nil
	}
	path, err := c.ExpandPath("ledger.path", c.Ledger.Path)
	if err != nil || !fileExists(filepath.Join(path, "checkpoint")) {
		return nil, err
	}
	l, err := c.openLedger()
	if err != nil {
		return nil, fmt.Errorf("reading the public key of the configuration's ledger (--key can name it instead): %w", err)
	}
	return []string{l.VerifierKey()}, l.Close()
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
