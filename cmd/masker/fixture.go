package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/fixture/choose"
	"github.com/masker-project/masker/pkg/fixture/coverage"
	"github.com/masker-project/masker/pkg/fixture/create"
	"github.com/masker-project/masker/pkg/fixture/file"
	"github.com/masker-project/masker/pkg/fixture/migrations"
	"github.com/masker-project/masker/pkg/fixture/show"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/subset"
)

func (a *app) fixture() *cobra.Command {
	c := &cobra.Command{Use: "fixture", Short: "Make small files with rows for tests", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	m := making{app: a}
	create := &cobra.Command{
		Use:   "create ENVIRONMENT",
		Short: "Write a few rows of a sanitized environment to a file",
		Long: "Create chooses a small part of the rows of an environment, and writes them with the definitions of their\n" +
			"tables. The part has every row that one of its rows references. Create prefers rows that show something\n" +
			"new: a value of an enum, a NULL, a foreign key with no, one or several rows, a path of a JSON document.\n" +
			"The same rows of the source always give the same bytes.\n\n" +
			"Provenance has to prove that masker made the environment. Production is refused: run a flow first. The\n" +
			"ledger records each file.\n\n" +
			"The name of the output says which form it has: .sql, .sql.zst, .json, or .csv for a folder.\n\n" +
			"With --check, create writes nothing. It compares a fixture with the schema of an environment, of another\n" +
			"database (as '${NAME}' or postgres://…), or of the migrations in a folder. The exit code is 1 if the\n" +
			"fixture is stale.",
		Example: "  masker fixture create staging --out testdata/shop.sql.zst --budget 200kB\n  masker fixture create staging --check testdata/shop.sql.zst\n  masker fixture create --migrations db/migrations --check testdata/shop.sql.zst",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if m.check != "" {
				return m.compare(cmd.Context(), strings.Join(args, ""))
			}
			return m.create(cmd.Context(), strings.Join(args, ""))
		},
	}
	create.Flags().StringVarP(&m.path, "out", "o", "", "`file` or folder to write")
	create.Flags().StringVar(&m.as, "as", "", "`sql|sql.zst|json|csv`: the form, if the name of the output does not say it")
	create.Flags().StringVar(&m.budget, "budget", "", "largest `size` of the fixture as SQL, with the definitions. Default: 200kB, unless --rows is given")
	create.Flags().IntVar(&m.rows, "rows", 0, "largest `number` of rows")
	create.Flags().StringArrayVar(&m.roots, "root", nil, "`TABLE:COLUMN=VALUE,VALUE`: rows that have to be in the fixture. May be given more than once")
	create.Flags().StringVar(&m.check, "check", "", "compare this `fixture` with a schema, and write nothing")
	create.Flags().StringVar(&m.migrations, "migrations", "", "with --check: `folder` of .sql files that make the schema, on a throw-away server")
	format := "text"
	look := &cobra.Command{
		Use: "show FIXTURE", Short: "Show what a fixture covers", Args: cobra.ExactArgs(1),
		Long:    "Show reads a fixture, and prints what its rows show: values of enums, NULLs, foreign keys, paths of JSON\ndocuments. It also prints what the source had and the fixture lacks. It opens no connection.",
		Example: "  masker fixture show testdata/shop.sql.zst",
		RunE:    func(_ *cobra.Command, args []string) error { return a.showFixture(args[0], format) },
	}
	look.Flags().StringVar(&format, "format", format, "`text|json`")
	asUsage(create)
	asUsage(look)
	c.AddCommand(create, look)
	return c
}

// making is one call of masker fixture create.
type making struct {
	*app
	path, as, budget, check, migrations string
	rows                                int
	roots                               []string
}

// spec makes the Spec of a fixture from the flags.
func (m *making) spec() (s create.Spec, err error) {
	switch {
	case m.migrations != "":
		return s, usage("--migrations is for --check only")
	case m.path == "":
		return s, usage("--out names the file to write, such as --out testdata/shop.sql.zst; --check compares a fixture with the schema instead")
	}
	s.Path = m.path
	if s.Form, err = file.FormOf(m.path, m.as); err != nil {
		return s, usage("%w", err)
	}
	if m.budget == "" && m.rows == 0 {
		m.budget = "200kB"
	}
	bytes, err := settings.ParseSize(m.budget)
	if err != nil || m.rows < 0 {
		return s, usage("--budget %q, --rows %d: want a size such as 200kB, and a number of rows", m.budget, m.rows)
	}
	s.Budget = choose.Budget{Bytes: int(bytes), Rows: m.rows}
	for _, text := range m.roots {
		root, err := subset.ParseRow(text)
		if err != nil || root == nil {
			return s, usage("--root %q: want TABLE:COLUMN=VALUE, such as public.orders:id=42", text)
		}
		s.Roots = append(s.Roots, *root)
	}
	return s, nil
}

// create makes a fixture of an environment in the configuration.
func (m *making) create(ctx context.Context, environment string) error {
	s, err := m.spec()
	if err != nil {
		return err
	}
	c, err := loadConfig(m.configFile, m.env)
	if err != nil {
		return err
	}
	if _, ok := c.Environments[environment]; !ok {
		return usage("%s has no environment %q; it has: %s", c.File(), environment, strings.Join(slices.Sorted(maps.Keys(c.Environments)), ", "))
	}
	if err := c.CheckAllOverrides(); err != nil {
		return err
	}
	s.Environment, s.Next = c.sanitized(environment)
	if err := s.Environment.CheckFile(s.Next); err != nil {
		return err
	}
	if s.Keys, err = m.verifierKeys(nil); err != nil {
		return err
	}
	if s.Ledger, err = c.openLedger(); err != nil {
		return err
	}
	defer s.Ledger.Close() //nolint:errcheck // the record is on the disk
	url, err := c.URL(environment)
	if err != nil {
		return err
	}
	dump, _ := c.Dump("")
	from, err := source.Open(ctx, url, source.Options{Archive: true, Sessions: 1, PGDump: source.PGDump{File: dump, Fixed: c.AnyGuarded()}})
	if err != nil {
		return fmt.Errorf("environment %s: %w", environment, err)
	}
	defer from.Close()
	s.Actor = actor(c.Env())
	made, err := create.Run(ctx, s, from)
	if err != nil {
		return err
	}
	for _, text := range made.Notes {
		m.note(text)
	}
	_, err = fmt.Fprintf(m.out, "%s: %s\n", s.Path, made.Summary())
	return err
}

// sanitized returns an environment in the form of guard, and what to do if no fixture may be made from it.
func (c *config) sanitized(name string) (guard.Environment, string) {
	e := c.Environments[name]
	next := "run the flow that makes this environment, and try again"
	for _, flow := range slices.Sorted(maps.Keys(c.Flows)) {
		if f := c.Flows[flow]; f.From == name {
			next = fmt.Sprintf("run masker run --flow %s first, and make the fixture from %s", flow, f.To)
			break
		}
	}
	return guard.Environment{Name: name, Kind: guard.Kind(e.Kind), NotProduction: e.NotProduction, HoldsProduction: e.Holds == "production"}, next
}

// compare compares a fixture with the schema of a database or of migrations, and prints the differences.
func (m *making) compare(ctx context.Context, database string) error {
	if (database == "") == (m.migrations == "") || m.path != "" {
		return usage("--check wants an environment, a database or --migrations, and no --out")
	}
	was, err := file.Read(m.check)
	if err != nil {
		return err
	}
	var differences []string
	look := func(ctx context.Context, url string) error {
		db, err := source.Inspect(ctx, url)
		if err == nil {
			differences = file.Compare(was, create.Shape(db))
		}
		return err
	}
	if m.migrations != "" {
		err = migrations.Schema(ctx, m.migrations, look)
	} else {
		var url string
		if url, err = m.database(database); err == nil {
			err = look(ctx, url)
		}
	}
	if err != nil {
		return err
	}
	if err := show.Stale(m.out, differences); err != nil || len(differences) == 0 {
		return err
	}
	return fmt.Errorf("fixture %s is stale: %s; make it again with masker fixture create", m.check, show.Differences(len(differences)))
}

func (a *app) showFixture(path, format string) error {
	if err := oneOf("format", format, "text", "json"); err != nil {
		return err
	}
	f, err := file.Read(path)
	if err != nil {
		return err
	}
	report := coverage.ReportOn(f)
	if format == "json" {
		return a.writeJSON(report)
	}
	return show.Text(a.out, report)
}
