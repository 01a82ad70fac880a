// Package settings reads masker.yaml: where data lives, and under which conditions it moves.
//
// It holds the file against itself and resolves names, places and variables. It opens no connection, no key and no
// rule file, and every error of it is the user's to mend.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/viper"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/notify"
)

// Config is masker.yaml: where data lives and under which conditions it moves.
// Names are lower-case, because viper folds keys.
type Config struct {
	// Environments are the named places.
	Environments map[string]Environment
	// Roles map a role of the source to one of the target, for policies. A needed role
	// that is not mapped is an error before any row is read.
	Roles []struct{ From, To string }
	// Keys say where keys are kept. A flow without one has a key made for each run, and no two runs
	// give the same results.
	Keys map[string]Key
	// Ledger is the log of movements.
	Ledger Ledger
	// Metrics say where monitoring finds what became of a run.
	Metrics struct {
		// Textfile is a folder of node_exporter's textfile collector; each flow has a file of its own there.
		Textfile string
		// Listen is HOST:PORT to answer GET /metrics on while a run goes on.
		Listen string
	}
	// PGDump is the file of the pg_dump that sources are read with. Default: it is looked for.
	PGDump string `mapstructure:"pg_dump"`
	// Flows are the declared movements.
	Flows map[string]Flow

	file   string
	dir    string
	places places
	env    map[string]string
	// overridden are the keys that a variable gave another value, with the variable's name.
	overridden map[string]string
}

// Environment is a named place data lives in.
type Environment struct {
	Kind string
	// URL is a PostgreSQL connection URL; ${NAME} takes an environment variable.
	URL string
	// Adopt is "system identifier/database": an existing database masker may replace the first time.
	Adopt string
	// Maintenance is the database a target's lock is held in; the same for every refresh of that
	// server. Default: postgres.
	Maintenance string
	// NotProduction is "system identifier/database": the one database of this environment that counts as no
	// production although it does not carry masker's provenance.
	NotProduction string `mapstructure:"not_production"`
	// Holds is "production" where a pre-production environment holds a customer's production data and is to be read.
	Holds string
}

// Ledger is where the log of movements stands and who signs it.
type Ledger struct {
	// Path is its folder.
	Path string
	// Escrow is a second place every checkpoint goes to.
	Escrow escrow.Spec
	// Trusted are public keys of other ledgers, or files that hold one: a source whose provenance one of them signed is known.
	Trusted []string
	// Signer is the file of the key that signs its checkpoints. Default: signer.key in its folder; elsewhere is better.
	Signer string
}

// Flow is a declared movement from one environment to another.
type Flow struct {
	From, To string
	// Rules are the rule files. A flow without any carries on, untreated, what masker's provenance proves to be sanitized.
	Rules []string
	// Approvals of the rules. Default: one, where the source counts as production.
	Approvals struct {
		Required *int
		// Signers is the file of who may sign, as git and ssh-keygen have it (allowed_signers). It lies outside the rules' folder.
		Signers string
		// Revoked is the file of keys that no longer count, one public key or SHA256 fingerprint a line.
		Revoked string
	}
	// Allow names what is refused otherwise: equal-credentials, source-can-write, target-reads-source.
	Allow []string
	// Findings is refuse where a finding of the plan that nobody waived stops the run. Default: note.
	Findings string
	// Verify must be off until verification exists.
	Verify *string
	// Notify is who is told what happened.
	Notify []notify.Spec
	// Key is the name of the flow's key, or per-run. Default: default, where there is one.
	Key string
	// Reveal names the columns whose reversible tokens masker reveal may open.
	Reveal struct{ Columns []string }
	// Workers stream rows in parallel. Default: one per CPU.
	Workers int
	// MaxRow is the longest row that is moved ("1GB", "64MB"); a longer one stops the run. Default: 1GB.
	MaxRow string `mapstructure:"max_row"`
	// KeepPrevious is how many replaced databases are kept. Default: 1.
	KeepPrevious *int `mapstructure:"keep_previous"`
	// LockPatience is how long somebody may wait behind the snapshot's locks before the run gives way. Default: 1s.
	LockPatience time.Duration `mapstructure:"lock_patience"`
	// ConnectionPatience is how long a connection may be silent while its server has nothing left to do. Default: 30s.
	ConnectionPatience time.Duration `mapstructure:"connection_patience"`
}

// New is an empty configuration that would stand in that file.
func New(file string, env map[string]string) *Config {
	return &Config{file: file, dir: filepath.Dir(file), env: env}
}

// Load reads and checks the whole file. Every problem is reported, with its place.
func Load(file string, env map[string]string) (*Config, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, problem("there is no %s; run masker init, or name one with --config", file)
	}
	if err != nil {
		return nil, problem("cannot read the configuration: %w", err)
	}
	c := New(file, env)
	if c.places, err = readPlaces(file, data); err != nil {
		return nil, err
	}
	v := viper.New()
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		return nil, problem("%s: it is not YAML as expected", file)
	}
	if c.overridden, err = override(v, env); err != nil {
		return nil, err
	}
	if err := v.UnmarshalExact(c); err != nil {
		return nil, problem("%s: %w", file, decodeProblem(err))
	}
	return c, c.check()
}

// decodeProblem keeps the keys and types of a decoding error and drops the values,
// which may be URLs with passwords.
func decodeProblem(err error) error {
	var keys []string
	for line := range strings.Lines(err.Error()) {
		if _, after, ok := strings.Cut(line, "'"); ok {
			if key, _, ok := strings.Cut(after, "'"); ok {
				keys = append(keys, key)
			}
		}
	}
	if len(keys) == 0 {
		return errors.New("a value has the wrong type")
	}
	return fmt.Errorf("wrong type of value: %s", strings.Join(keys, ", "))
}

// override lets the process's environment replace where things are, and nothing that
// is policy: MASKER_ENVIRONMENTS_STAGING_URL, MASKER_LEDGER_PATH, MASKER_KEYS_DEFAULT_FILE,
// MASKER_FLOWS_NIGHTLY_WORKERS, …_LOCK_PATIENCE, …_CONNECTION_PATIENCE, …_MAX_ROW.
// It says which keys were replaced, and by which variables.
func override(v *viper.Viper, env map[string]string) (map[string]string, error) {
	keys := []string{"ledger.path", "keys.default.file"}
	for name := range v.GetStringMap("environments") {
		keys = append(keys, "environments."+name+".url", "environments."+name+".maintenance")
	}
	for name := range v.GetStringMap("flows") {
		keys = append(keys, "flows."+name+".workers", "flows."+name+".lock_patience", "flows."+name+".connection_patience", "flows."+name+".max_row")
	}
	known, done := make(map[string]bool), make(map[string]string)
	if env[pgBin] != "" {
		done["pg_dump"] = pgBin
	}
	for _, key := range keys {
		name := "MASKER_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
		known[name] = true
		if value, ok := env[name]; ok {
			v.Set(key, value)
			done[key] = name
		}
	}
	for name := range env {
		for _, section := range []string{"ENVIRONMENTS_", "FLOWS_", "LEDGER_", "KEYS_", "ROLES"} {
			if strings.HasPrefix(name, "MASKER_"+section) && !known[name] {
				return nil, problem("environment variable %s overrides nothing that may be overridden; unset it, or see docs/configuration.md", name)
			}
		}
	}
	return done, nil
}

// check holds the file against itself, without any connection.
func (c *Config) check() error {
	var problems []string
	report := func(key, format string, args ...any) {
		problems = append(problems, c.At(key)+": "+fmt.Sprintf(format, args...))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		e, at := c.Environments[name], "environments."+name
		if _, err := guard.ParseKind(e.Kind); err != nil {
			report(at+".kind", "environment %q: %v", name, err)
		}
		if e.Holds != "" && (e.Holds != "production" || e.Kind != string(guard.Preproduction)) {
			report(at+".holds", "environment %q: holds: production is for kind preproduction, and there is nothing else to say", name)
		}
		if e.NotProduction != "" && (e.Kind == string(guard.Production) || e.Holds != "") {
			report(at+".not_production", "environment %q: it cannot be production and not", name)
		}
	}
	c.checkKeys(report)
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		c.checkFlow(name, report)
	}
	for i, r := range c.Roles {
		if r.From == "" || r.To == "" {
			report("roles", "role %d: want {from: ROLE_OF_THE_SOURCE, to: ROLE_OF_THE_TARGET}", i+1)
		}
	}
	if len(problems) > 0 {
		return problem("%s", strings.Join(problems, "\n"))
	}
	return nil
}

func (c *Config) checkFlow(name string, report func(key, format string, args ...any)) {
	f, at := c.Flows[name], "flows."+name
	for _, side := range []struct{ key, env string }{{".from", f.From}, {".to", f.To}} {
		if _, ok := c.Environments[side.env]; !ok {
			report(at+side.key, "flow %q: there is no environment %q%s", name, side.env, spell.Mean(side.env, slices.Sorted(maps.Keys(c.Environments))))
		}
	}
	c.checkPolicy(name, f, report)
	switch {
	case f.Verify == nil:
		report(at, "flow %q does not say how its result is verified; verification is not yet available, so waive it in the open: verify: off", name)
	case *f.Verify != "off":
		report(at+".verify", "flow %q: verification is not yet available; until it is, only verify: off is accepted", name)
	}
	if _, ok := c.Keys[f.Key]; f.Key != "" && f.Key != PerRun && !ok {
		report(at+".key", "flow %q: there is no key %q%s", name, f.Key, spell.Mean(f.Key, append(slices.Sorted(maps.Keys(c.Keys)), PerRun)))
	}
	if _, err := f.Revealed(); err != nil {
		report(at+".reveal", "flow %q: reveal: %v", name, err)
	}
	if f.Workers < 0 {
		report(at+".workers", "flow %q: workers must be at least 1", name)
	}
	if f.KeepPrevious != nil && *f.KeepPrevious < 0 {
		report(at+".keep_previous", "flow %q: keep_previous must be at least 0", name)
	}
	if f.LockPatience < 0 {
		report(at+".lock_patience", "flow %q: lock_patience must be a duration such as 10s", name)
	}
	if f.ConnectionPatience < 0 {
		report(at+".connection_patience", "flow %q: connection_patience must be a duration such as 30s", name)
	}
	if _, err := ParseSize(f.MaxRow); err != nil {
		report(at+".max_row", "flow %q: max_row: %v", name, err)
	}
}

// Expand puts the process's environment into ${NAME}.
func (c *Config) Expand(what, s string) (string, error) {
	var missing []string
	out := variable().ReplaceAllStringFunc(s, func(m string) string {
		name := m[2 : len(m)-1]
		value, ok := c.env[name]
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", problem("%s: environment variable %s is not set; export it and run again", what, strings.Join(missing, " and "))
	}
	return out, nil
}

func variable() *regexp.Regexp { return regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`) }

// variables are the names of the environment variables that a value takes.
func variables(s string) []string {
	var names []string
	for _, m := range variable().FindAllStringSubmatch(s, -1) {
		names = append(names, m[1])
	}
	return names
}

// URL is the connection URL of an environment.
func (c *Config) URL(name string) (string, error) {
	e := c.Environments[name]
	key := "environments." + name + ".url"
	if e.URL == "" {
		return "", problem("%s: environment %q has no url", c.At("environments."+name), name)
	}
	return c.Expand(c.At(key)+": environment "+fmt.Sprintf("%q", name), e.URL)
}

// Path resolves a path of the file against the file's folder.
func (c *Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// At is the place of a key in the file, or of the nearest key above it, as FILE:LINE:COLUMN.
func (c *Config) At(key string) string { return c.places.of(c.file, key) }

// File is its name, as it was given.
func (c *Config) File() string { return c.file }

// Dir is its folder, which paths start from.
func (c *Config) Dir() string { return c.dir }

// Env is the process's environment.
func (c *Config) Env() map[string]string { return c.env }

// Error is what is wrong with the file, or with what was asked of it.
type Error struct{ err error }

func (e *Error) Error() string { return e.err.Error() }
func (e *Error) Unwrap() error { return e.err }

func problem(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }
