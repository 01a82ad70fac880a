// Package settings reads masker.yaml: the environments that hold data, and the conditions under which data moves
// between them.
//
// It checks that the file is consistent, and resolves names, paths and environment variables. It opens no connection,
// no key and no rule file. Every error is about the file, the command line or an environment variable.
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
	"github.com/masker-project/masker/pkg/subset"
)

// Config is masker.yaml. The tags of the fields describe the settings; see shape. Names are lower-case, because viper
// changes names to lower case.
type Config struct {
	Environments map[string]Environment `doc:"The environments: named places where data lives. Names are lower-case."`
	// A run ends before it reads a row if a row security policy of the source names a role that is not in the list.
	Roles []struct {
		From string `required:"yes" doc:"A role of the source."`
		To   string `required:"yes" doc:"The role of the target that replaces it."`
	} `doc:"The roles of the source that row security policies name, and the roles of the target that replace them."`
	Keys    map[string]Key `override:"default" doc:"The keys. A key has exactly one of file, env, age and command. A flow without a key gets a new key for each run, and no two runs give the same results."`
	Ledger  Ledger         `doc:"The log of movements."`
	Metrics struct {
		Textfile string `doc:"A folder of node_exporter's textfile collector. At the end of each run, whatever the outcome, masker writes masker_FLOW.prom there."`
		Listen   string `doc:"HOST:PORT that answers GET /metrics during a run, such as 127.0.0.1:9187."`
	} `doc:"Where monitoring finds the figures of a run."`
	PGDump string          `mapstructure:"pg_dump" doc:"The file of the pg_dump program that reads sources. Default: the newest one in well-known folders. If no flow needs an approval, MASKER_PG_BIN and PATH come first."`
	Flows  map[string]Flow `doc:"The flows: the declared movements."`

	file      string
	dir       string
	positions positions
	env       map[string]string
	// overridden maps the path of each setting that an environment variable has replaced to the name of the variable.
	overridden map[string]string
}

// Environment is a named place where data lives.
type Environment struct {
	Kind          string `required:"yes" words:"kinds" doc:"How well the data of the environment is protected. An environment of kind production is never a target."`
	URL           string `override:"yes" doc:"A PostgreSQL connection URL. ${NAME} is replaced with an environment variable."`
	Adopt         string `doc:"\"SYSTEM_IDENTIFIER/DATABASE\": an existing database that masker may replace although it did not make it."`
	Maintenance   string `override:"yes" doc:"The database in which masker holds the target's lock. It must be the same for every refresh of that server. Default: postgres."`
	NotProduction string `mapstructure:"not_production" doc:"\"SYSTEM_IDENTIFIER/DATABASE\": the database of this environment that does not count as production, although masker did not make it."`
	Expires       string `doc:"How long the database may stay after a refresh, such as 30d. Before and afterwards, check, doctor and notifications say so."`
	Holds         string `words:"production" doc:"Only for kind preproduction: the environment holds production data of a customer. It can be a source, and counts as production."`
}

// Ledger describes the log of movements: its folder, its key and the keys of other ledgers.
type Ledger struct {
	Path    string      `override:"yes" doc:"The folder of the ledger."`
	Escrow  escrow.Spec `doc:"The checkpoint copy: the folder or object store, elsewhere, to which the checkpoint is copied at the end of a run."`
	Trusted []string    `doc:"The public keys of other ledgers, or files that hold them. A provenance that one of these ledgers signed counts."`
	Signer  string      `doc:"The file of the key that signs the checkpoints. The ledger's first record makes it. Default: signer.key in the ledger's folder. A file in another folder is safer."`
}

// Flow is a declared movement from one environment to another.
type Flow struct {
	From      string   `required:"yes" doc:"The environment that is read."`
	To        string   `required:"yes" doc:"The environment that is replaced."`
	Rules     []string `doc:"The rule files, relative to this file. A flow without rules copies a source that masker's provenance proves to be sanitised."`
	Approvals struct {
		Required *int   `doc:"The number of approvals. Default: 1 if the source counts as production. 0 is a waiver."`
		Signers  string `doc:"The file of allowed signers (allowed_signers, in the format of git and ssh-keygen). It must not be in the folder of the rules."`
		Revoked  string `doc:"The file of revoked keys: one public key or SHA256 fingerprint on each line."`
	} `doc:"The approvals of the rules. The author's own signature does not count."`
	Allow    []string          `words:"codes" doc:"Checks that the flow waives. The ledger records them."`
	Until    map[string]string `doc:"The last days of the flow's waivers, as CODE: 2026-12-24. After this day, masker refuses the flow."`
	Findings string            `words:"note refuse" doc:"Whether a finding that nobody waived stops the run (refuse) or not (note). Default: note."`
	Discover string            `words:"names sample" doc:"What each run looks at to find personal data in the columns that the rules keep: their names, or also a sample of their values (sample). The ledger records the look. Default: names."`
	Verify   Verify            `required:"yes" doc:"What masker verifies before it publishes: a level, or a mapping with the level and its limits."`
	Notify   []notify.Spec     `doc:"The channels for notifications. Each entry has one of webhook, slack, mail and command."`
	Key      string            `doc:"The name of the flow's key, or per-run. Default: the key named default, if there is one."`
	Reveal   struct {
		Columns []string `doc:"Columns with the treatment reversible, each as schema.table.column."`
	} `doc:"What masker reveal may open."`
	Subset             subset.Spec   `doc:"The rows that the flow copies. Without it, the flow copies all rows."`
	Workers            int           `override:"yes" doc:"The number of workers. Default: one for each CPU."`
	MaxRow             string        `mapstructure:"max_row" override:"yes" doc:"The size of the longest row that masker moves (1GB, 64MB). A longer row stops the run. Default: 1GB."`
	Branches           Branches      `doc:"What the flow prepares for branches of the target."`
	KeepPrevious       *int          `mapstructure:"keep_previous" doc:"The number of previous databases that masker keeps. Default: 1."`
	LockPatience       time.Duration `mapstructure:"lock_patience" override:"yes" doc:"How long another session may wait for the locks of the snapshot before the run ends (1s, 500ms). Default: 1s."`
	ConnectionPatience time.Duration `mapstructure:"connection_patience" override:"yes" doc:"How long a connection may carry no data while the server is idle, before the run ends (30s, 2m). Default: 30s."`
}

// Verify says how the loaded shadow is verified before it is published. In the file it is a mapping, or only the level.
// No environment variable replaces any of it, and an approval covers all of it.
type Verify struct {
	Level      string        `required:"yes" words:"levels" doc:"strict: row counts and kept values are those of the source, and no column holds a value that the rules treat. counts: only row counts and kept values. off: nothing. A level below strict is a waiver."`
	Memory     string        `doc:"The memory for fingerprints of the source's values (256MB). If they need more, masker looks for a sample of them, and says so. Default: 256MB."`
	KeepFailed time.Duration `mapstructure:"keep_failed" doc:"How long masker keeps a shadow that failed its verification (2h). Only its owner can enter it. Default: masker drops it at once."`
}

// Branches says what a flow prepares for branches: copies of the target for a pull request or a test.
type Branches struct {
	Template bool `doc:"Each run makes a template: a closed copy of the new database, from which branches are made. It needs as much disk as the target. Default: false."`
}

// New returns an empty configuration for a file that need not exist. It reads nothing.
func New(file string, env map[string]string) *Config {
	return &Config{file: file, dir: filepath.Dir(file), env: env}
}

// Load reads and checks the file. The error lists all problems with their positions.
func Load(file string, env map[string]string) (*Config, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, problem("there is no %s; run masker init, or name a configuration with --config", file)
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
		return nil, problem("%s: the file is not YAML of the expected form", file)
	}
	if c.overridden, err = override(v, env); err != nil {
		return nil, err
	}
	if err := v.UnmarshalExact(c, viper.DecodeHook(short)); err != nil {
		return nil, problem("%s: %w", file, decodeProblem(err))
	}
	return c, c.check()
}

// decodeProblem returns a decoding error that names only the settings. The decoder's own error may quote values, such
// as URLs with passwords.
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
	return fmt.Errorf("a value has the wrong type: %s", strings.Join(keys, ", "))
}

// check checks the values of the file and whether they fit together.
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
			report(at+".holds", "environment %q: holds: the only value is production, and only for kind preproduction", name)
		}
		if _, err := guard.ParseLasts(e.Expires); err != nil {
			report(at+".expires", "environment %q: expires: %v", name, err)
		}
		if e.NotProduction != "" && (e.Kind == string(guard.Production) || e.Holds != "") {
			report(at+".not_production", "environment %q: not_production is not for an environment of kind production, nor for one with holds: production", name)
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
	c.checkVerify(name, f.Verify, report)
	if _, err := f.Subset.Definition(); err != nil {
		report(at+".subset", "flow %q: %v", name, err)
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

// Expand replaces each ${NAME} in s with an environment variable. Its errors begin with label.
func (c *Config) Expand(label, s string) (string, error) {
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
		return "", problem("%s: environment variable %s is not set; export it and run again", label, strings.Join(missing, " and "))
	}
	return out, nil
}

func variable() *regexp.Regexp { return regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`) }

// variables returns the names in all ${NAME} of a value.
func variables(s string) []string {
	var names []string
	for _, m := range variable().FindAllStringSubmatch(s, -1) {
		names = append(names, m[1])
	}
	return names
}

// URL returns the connection URL of an environment, with the variables replaced.
func (c *Config) URL(name string) (string, error) {
	e := c.Environments[name]
	key := "environments." + name + ".url"
	if e.URL == "" {
		return "", problem("%s: environment %q has no url", c.At("environments."+name), name)
	}
	return c.Expand(c.At(key)+": environment "+fmt.Sprintf("%q", name), e.URL)
}

// Path returns a path of the file, resolved against the file's folder.
func (c *Config) Path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}

// ExpandPath is Expand for a path, which it then resolves against the file's folder.
func (c *Config) ExpandPath(label, p string) (string, error) {
	p, err := c.Expand(label, p)
	return c.Path(p), err
}

// At returns the position of a setting in the file as FILE:LINE:COLUMN. If the file does not have the setting, At
// returns the position of the nearest section above it.
func (c *Config) At(key string) string { return c.positions.of(c.file, key) }

// File returns the name of the configuration file, as the caller gave it.
func (c *Config) File() string { return c.file }

// Dir returns the folder of the configuration file. Relative paths start there.
func (c *Config) Dir() string { return c.dir }

// Env returns the environment variables of the process.
func (c *Config) Env() map[string]string { return c.env }

// Error is an error about the file, the command line or an environment variable.
type Error struct{ err error }

func (e *Error) Error() string { return e.err.Error() }
func (e *Error) Unwrap() error { return e.err }

func problem(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }
