// Package settings reads masker.yaml: where data lives, and under which conditions it moves.
//
// It holds the file against itself and resolves names, paths and variables. It opens no connection, no key and no
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

// Config is masker.yaml: where data lives and under which conditions it moves. The tags describe its keys, see shape.
// Names are lower-case, because viper folds keys.
type Config struct {
	Environments map[string]Environment `doc:"The named places data lives in. Names are lower-case."`
	// A needed role that is not mapped is an error before any row is read.
	Roles []struct {
		From string `required:"yes" doc:"A role of the source."`
		To   string `required:"yes" doc:"A role of the target."`
	} `doc:"Roles of the source that policies name, and those of the target that stand in for them."`
	Keys    map[string]Key `override:"default" doc:"The keys. Each is kept in one of file, env, age and command. A flow without one has a key made for each run, and no two runs give the same results."`
	Ledger  Ledger         `doc:"The log of movements."`
	Metrics struct {
		Textfile string `doc:"A folder of node_exporter's textfile collector; masker_FLOW.prom is written there at the end of each run, whatever became of it."`
		Listen   string `doc:"HOST:PORT to answer GET /metrics on while a run goes on, such as 127.0.0.1:9187."`
	} `doc:"Where monitoring finds what became of a run."`
	PGDump string          `mapstructure:"pg_dump" doc:"The file of the pg_dump that sources are read with. Default: the newest in well-known folders; where no approval is needed, MASKER_PG_BIN and PATH come first."`
	Flows  map[string]Flow `doc:"The declared movements."`

	file      string
	dir       string
	positions positions
	env       map[string]string
	// overridden are the keys that a variable gave another value, with the variable's name.
	overridden map[string]string
}

// Environment is a named place data lives in.
type Environment struct {
	Kind          string `required:"yes" words:"kinds" doc:"What kind of place it is; production is never a target."`
	URL           string `override:"yes" doc:"A PostgreSQL connection URL; ${NAME} takes an environment variable."`
	Adopt         string `doc:"\"system identifier/database\": an existing database masker may replace the first time."`
	Maintenance   string `override:"yes" doc:"The database a target's lock is held in; the same for every refresh of that server. Default: postgres."`
	NotProduction string `mapstructure:"not_production" doc:"\"system identifier/database\": the one database of this environment that counts as no production although masker did not make it."`
	Holds         string `words:"production" doc:"Of pre-production: it holds a customer's production data and may be read, guarded as production is."`
}

// Ledger is where the log of movements stands and who signs it.
type Ledger struct {
	Path    string      `override:"yes" doc:"Its folder."`
	Escrow  escrow.Spec `doc:"The folder or object store, elsewhere, to which every checkpoint is copied."`
	Trusted []string    `doc:"Public keys of other ledgers, or files that hold one: a source whose provenance one of them signed is known."`
	Signer  string      `doc:"The file of the key that signs its checkpoints; it is made with the ledger. Default: signer.key in the ledger's folder; elsewhere is better."`
}

// Flow is a declared movement from one environment to another.
type Flow struct {
	From      string   `required:"yes" doc:"The environment that is read."`
	To        string   `required:"yes" doc:"The environment that is replaced."`
	Rules     []string `doc:"The rule files, relative to this one. Without any, a flow carries on untreated what masker's provenance proves to be sanitized."`
	Approvals struct {
		Required *int   `doc:"How many. Default: 1 where the source counts as production; 0 waives it in the open."`
		Signers  string `doc:"The file of who may sign (allowed_signers, as git and ssh-keygen have it), outside the rules' folder."`
		Revoked  string `doc:"The file of keys that no longer count, one public key or SHA256 fingerprint a line."`
	} `doc:"Who besides the author approves the rules."`
	Allow    []string      `words:"codes" doc:"What is refused otherwise; the ledger records it."`
	Findings string        `words:"note refuse" doc:"Whether a finding that nobody waived stops the run. Default: note."`
	Verify   *string       `words:"off" doc:"off until verification exists."`
	Notify   []notify.Spec `doc:"Who is told what happened: each entry has one of webhook, slack, mail and command."`
	Key      string        `doc:"The name of the flow's key, or per-run. Default: default, where there is one."`
	Reveal   struct {
		Columns []string `doc:"Columns of the treatment reversible, each as schema.table.column."`
	} `doc:"What masker reveal may open."`
	Workers            int           `override:"yes" doc:"Streams of rows in parallel. Default: one per CPU."`
	MaxRow             string        `mapstructure:"max_row" override:"yes" doc:"The longest row that is moved (1GB, 64MB); a longer one stops the run. Default: 1GB."`
	KeepPrevious       *int          `mapstructure:"keep_previous" doc:"How many replaced databases are kept. Default: 1."`
	LockPatience       time.Duration `mapstructure:"lock_patience" override:"yes" doc:"How long somebody may wait behind the snapshot's locks before the run gives way (1s, 500ms). Default: 1s."`
	ConnectionPatience time.Duration `mapstructure:"connection_patience" override:"yes" doc:"How long a connection to a server may be silent while the server has nothing left to do, before the run ends (30s, 2m). Default: 30s."`
}

// New is an empty configuration that would stand in that file.
func New(file string, env map[string]string) *Config {
	return &Config{file: file, dir: filepath.Dir(file), env: env}
}

// Load reads and checks the whole file. Every problem is reported, with its position.
func Load(file string, env map[string]string) (*Config, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, problem("there is no %s; run masker init, or name one with --config", file)
	}
	if err != nil {
		return nil, problem("cannot read the configuration: %w", err)
	}
	c := New(file, env)
	if c.positions, err = readPositions(file, data); err != nil {
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

// At is the position of a key in the file, or of the nearest key above it, as FILE:LINE:COLUMN.
func (c *Config) At(key string) string { return c.positions.of(c.file, key) }

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
