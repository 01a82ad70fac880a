package main

import (
	"context"
	"sync"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/discover/look"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/source"
)

func (a *app) discover() *cobra.Command {
	d := discovering{app: a}
	c := &cobra.Command{
		Use:   "discover --from SOURCE",
		Short: "Show which columns probably hold personal data, and the evidence",
		Long: "Discover reads the schema of a source. It shows the columns whose names, types, comments or keys say that they\n" +
			"hold personal data. Without --sample it reads no rows.\n\n" +
			"With --sample it also looks at a sample of the values of each table. It prints counts, and never a value.\n" +
			"The ledger of the configuration records this before the first row is read. No approval is needed, because\n" +
			"no value leaves this machine's memory.\n\n" +
			"SOURCE is one of:\n" +
			"  NAME            an environment of the configuration\n" +
			"  '${NAME}'       an environment variable that holds a URL\n" +
			"  postgres://...  a URL without a password",
		Example: "  masker discover --from production\n  masker discover --from production --sample --format json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return d.run(cmd.Context(), cmd.Flags().Changed("rows")) },
	}
	c.Flags().StringVar(&d.from, "from", "", "`SOURCE`: an environment's name, '${NAME}' or a URL")
	c.Flags().BoolVar(&d.sample, "sample", false, "look at a sample of the values too")
	c.Flags().IntVar(&d.rows, "rows", look.Rows, "with --sample: about how many `rows` of each table")
	c.Flags().StringVar(&d.format, "format", "text", "`text|json`")
	return c
}

// discovering is one call of masker discover.
type discovering struct {
	*app
	from, format string
	sample       bool
	rows         int
	load         func() (*config, error) // reads the configuration once
}

func (d *discovering) run(ctx context.Context, rowsGiven bool) error {
	if err := oneOf("format", d.format, "text", "json"); err != nil {
		return err
	}
	switch {
	case d.from == "":
		return usage("--from SOURCE is needed: an environment of %s, '${NAME}' or a postgres:// URL", d.configFile)
	case rowsGiven && !d.sample:
		return usage("--rows is for --sample, which looks at values; without it no row is read")
	case d.rows < 1 || d.rows > 100_000:
		return usage("--rows %d: want 1 to 100000", d.rows)
	}
	d.load = sync.OnceValues(func() (*config, error) { return loadConfig(d.configFile, d.env) })
	url, err := d.databaseIn(d.from, d.load)
	if err != nil {
		return err
	}
	s, err := d.survey(ctx, url)
	if err != nil {
		return err
	}
	if d.format == "json" {
		return d.writeJSON(s)
	}
	return s.Show(d.out)
}

// survey surveys the source. If values are to be looked at, the ledger has a record before the first row is read.
func (d *discovering) survey(ctx context.Context, url string) (s *survey.Survey, err error) {
	if !d.sample {
		db, err := source.Inspect(ctx, url)
		if err != nil {
			return nil, err
		}
		return survey.ByNames(db)
	}
	c, err := d.load()
	if err != nil {
		return nil, err
	}
	if err := c.CheckAllOverrides(); err != nil {
		return nil, err
	}
	l, err := c.openLedger()
	if err != nil {
		return nil, err
	}
	defer l.Close()
	snapshot, err := source.Open(ctx, url, source.Options{Look: true, Partial: true})
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	db := snapshot.Catalog()
	party := ledger.Party{SystemID: db.SystemID, Database: db.Name, Role: snapshot.Facts().SessionUser}
	if e, ok := c.Environments[d.from]; ok { // a URL is not recorded
		party.Environment, party.Kind = d.from, string(e.Kind)
	}
	from := snapshot.Spread()
	defer from.Close()
	return look.Look{Ledger: l, Actor: actor(d.env), Source: party, Rows: d.rows, Year: now().Year()}.Survey(ctx, db, from)
}
