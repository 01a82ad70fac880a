package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/discover/look"
	"github.com/masker-project/masker/pkg/keyring/keysource"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/source"
)

func (a *app) init() *cobra.Command {
	var from string
	var sampled bool
	c := &cobra.Command{
		Use:   "init --from SOURCE",
		Short: "Draft a configuration, a rule set and a key from a schema",
		Long: "Init reads the schema of a source and drafts what a first run needs: masker.yaml, a rule set and a key\n" +
			"file. The rule set has a guess for every column whose name or type says what it holds. Other columns\n" +
			"are marked TODO and stay undecided, and a run stops because of them. Init overwrites no file except the JSON\n" +
			"Schemas, masker-*.schema.json. It reads no rows, except with --sample: then it looks at a sample of values,\n" +
			"and the ledger records this first.\n\n" +
			"SOURCE is one of:\n" +
			"  '${NAME}'       an environment variable that holds a URL; then the command line holds no password\n" +
			"  postgres://...  a URL\n" +
			"  NAME            an environment of an existing configuration; init drafts only the rule set then",
		Example: "  export PRODUCTION_URL=postgres://reader@db.example.com/shop\n  masker init --from '${PRODUCTION_URL}'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return usage("init needs --from: '${PRODUCTION_URL}', a postgres:// URL, or an environment of %s", a.configFile)
			}
			d, err := a.draft(cmd.Context(), from, sampled)
			if err != nil {
				return err
			}
			return a.writeDraft(d)
		},
	}
	c.Flags().BoolVar(&sampled, "sample", false, "look at a sample of values too. The ledger records this, so --from must be NAME")
	c.Flags().StringVar(&from, "from", "", "`SOURCE`: '${NAME}', a URL, or an environment's name")
	return c
}

// draft is what init writes.
type draft struct {
	rules     string // path of the rule file
	rulesText string
	config    string // text of the configuration; "" if it exists already
	key       string // path of the key file; "" if the configuration exists already
	undecided int    // number of lines marked TODO: of columns, and of tables whose rows stay behind
	export    string // name of the environment variable that the user has to set; "" if it is already set
}

// draft reads the schema, and values if sampled is true, which the ledger records. It makes texts and writes no file.
func (a *app) draft(ctx context.Context, from string, sampled bool) (*draft, error) {
	c := &config{settings.New(a.configFile, a.env)}
	d := &draft{key: c.Path("keys/default.key")}
	url, variable := from, "PRODUCTION_URL"
	switch name, isVariable := variableOf(from); {
	case isVariable:
		variable = name
		var err error
		if url, err = c.Expand("--from", from); err != nil {
			return nil, err
		}
	case strings.Contains(from, "://") || strings.Contains(from, "="):
		if a.env[variable] != from {
			d.export = variable
		}
	default:
		existing, err := loadConfig(a.configFile, a.env)
		if err != nil {
			return nil, err
		}
		if _, ok := existing.Environments[from]; !ok {
			return nil, usage("--from %q: %s has no such environment%s", from, a.configFile, spell.Mean(from, slices.Sorted(maps.Keys(existing.Environments))))
		}
		if url, err = existing.URL(from); err != nil {
			return nil, err
		}
		c, d.key = existing, ""
	}
	db, err := source.Inspect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	d.rules = c.Path(filepath.Join("rules", fileName(db.Name)+".yaml"))
	if d.key != "" {
		d.config = schemaLine(configSchemaFile) + discover.Config(variable, fileName(db.Name), policyRoles(db))
	}
	seen, err := a.seen(ctx, from, url, db, sampled, d.key == "")
	if err != nil {
		return nil, err
	}
	if d.rulesText, err = discover.DraftSeen(db, seen, postgres.Asking(ctx, url)); err != nil {
		return nil, err
	}
	d.rulesText = schemaLine(rulesSchemaFile) + d.rulesText
	// Not counted: skipped tables, and columns that get their decision from an undecided column, by a foreign key.
	d.undecided = strings.Count(d.rulesText, "} # TODO: ")
	return d, nil
}

// seen looks at values, and returns what each column holds. If sampled is false, it reads nothing and returns nil.
func (a *app) seen(ctx context.Context, from, url string, db *catalog.Database, sampled, configured bool) (map[catalog.ColumnName]guess.Seen, error) {
	if !sampled {
		return nil, nil
	}
	if !configured {
		return nil, usage("--sample needs a ledger; write %s first, or run init without --sample, and name its environment with --from", a.configFile)
	}
	look := discovering{app: a, from: from, sample: true, rows: look.Rows, load: func() (*config, error) { return loadConfig(a.configFile, a.env) }}
	s, err := look.survey(ctx, url)
	if err != nil {
		return nil, err
	}
	return s.Seen(db), nil
}

// writeDraft writes the files. If one of them, except the JSON Schemas, exists already, it writes none.
func (a *app) writeDraft(d *draft) error {
	type file struct{ path, text string }
	files := []file{{d.rules, d.rulesText}}
	if d.config != "" {
		files = append(files, file{a.configFile, d.config})
	}
	paths := []string{}
	for _, f := range files {
		paths = append(paths, f.path)
	}
	if d.key != "" {
		paths = append(paths, d.key)
	}
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return usage("%s exists, and init does not overwrite it; move it away, or name another configuration with --config", path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot look at %s: %w", path, err)
		}
	}
	for _, f := range files {
		if err := writeNew(f.path, f.text); err != nil {
			return err
		}
	}
	if err := a.writeSchemas(d); err != nil {
		return err
	}
	if d.key != "" {
		if err := os.MkdirAll(filepath.Dir(d.key), 0o700); err != nil {
			return err
		}
		if err := keysource.Generate(d.key); err != nil {
			return err
		}
	}
	return a.explainDraft(d, paths)
}

// writeNew writes a new file. It is an error if the file exists.
func writeNew(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func (a *app) explainDraft(d *draft, paths []string) error {
	var b strings.Builder
	for _, path := range paths {
		fmt.Fprintf(&b, "wrote %s\n", report.Clean(path))
	}
	b.WriteString("\nNext:\n")
	n := 0
	step := func(format string, args ...any) {
		n++
		fmt.Fprintf(&b, "  %d. "+format+"\n", append([]any{n}, args...)...)
	}
	if d.undecided > 0 {
		step("decide the %s marked TODO in %s, and review its guesses", spell.Count(d.undecided, "column"), report.Clean(d.rules))
	} else {
		step("review the guesses in %s: nobody has confirmed them yet", report.Clean(d.rules))
	}
	if d.export != "" {
		step("export %s, the source's URL; init wrote it to no file, because it may hold a password", d.export)
	}
	if d.key != "" {
		step("export STAGING_URL, the database to replace or make")
		step("keep the key and the ledger out of version control: printf 'keys/\\nledger/\\n' >> .gitignore")
	}
	step("masker plan, then masker run")
	_, err := a.out.Write([]byte(b.String()))
	return err
}

// variableOf returns NAME if s is ${NAME}.
func variableOf(s string) (string, bool) {
	m := regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`).FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// fileName makes a file name from the name of a database.
func fileName(database string) string {
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9_-]+`).ReplaceAllString(strings.ToLower(database), "-"), "-")
	if name == "" {
		return "database"
	}
	return name
}

// policyRoles returns the roles that row security policies name. Each of them needs a role of the target that replaces
// it.
func policyRoles(db *catalog.Database) []string {
	var roles []string
	for _, p := range db.Policies {
		roles = append(roles, p.Roles...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
