package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/examples/shop"
	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
)

const (
	demoSource = "shop"
	demoTarget = "shop_staging"

	demoCustomers = 5000
)

// The author and the reviewer of the demo believe at first that payments have the last digits of cards only.
const (
	demoRule    = "card_number: {class: pan}\n      iban:"
	demoMistake = "card_number: {keep: the last four digits}\n      iban:"
)

func (a *app) demo() *cobra.Command {
	var dir string
	var clean bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show a complete refresh on a throw-away PostgreSQL server",
		Long: "Demo starts its own PostgreSQL server and makes a production database of a shop. Then it drafts rules,\n" +
			"completes them, signs and approves them, and refreshes a staging database. The server keeps running, so\n" +
			"that you can look at both databases. Demo prints how to connect. masker demo --clean removes everything.",
		Example: "  masker demo\n  masker demo --clean",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if clean {
				return a.cleanDemo(dir)
			}
			return a.runDemo(cmd.Context(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "demo", "`folder` for the server and the files")
	c.Flags().BoolVar(&clean, "clean", false, "stop the server and remove the folder")
	return c
}

// demoServer returns the server's folder in dir. If dir has this folder, the demo made dir.
func demoServer(dir string) string { return filepath.Join(dir, "postgres") }

func (a *app) cleanDemo(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(demoServer(dir)); err != nil {
		return usage("the demo did not make the folder %s; remove it yourself if nobody needs it", dir)
	}
	if err := pglocal.Remove(demoServer(dir)); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "the demo's server is stopped and %s is removed\n", dir)
	return err
}

// runDemo runs the demo, one chapter after another. If a chapter fails, it removes the server and the folder.
func (a *app) runDemo(ctx context.Context, dir string) (err error) {
	if _, err := os.Stat(dir); err == nil {
		return usage("%s exists; masker demo --clean removes the last demo", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	a.chapter("A throw-away PostgreSQL server with a shop's production database")
	server, err := pglocal.Start(ctx, pglocal.Options{Dir: demoServer(dir), Stay: true, Log: func(line string) { fmt.Fprintln(a.err, line) }})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pglocal.Remove(demoServer(dir)), os.RemoveAll(dir))
		}
	}()
	if err := fillShop(ctx, server); err != nil {
		return err
	}
	a.configFile = filepath.Join(dir, "masker.yaml")
	if a.env["PRODUCTION_URL"], a.env["STAGING_URL"], err = demoRoles(ctx, server); err != nil {
		return err
	}
	if err := a.draftShop(ctx); err != nil {
		return err
	}
	if err := a.reviewShop(ctx, dir); err != nil {
		return err
	}
	if err := a.signShop(ctx, dir); err != nil {
		return err
	}
	if err := a.correctShop(ctx, dir); err != nil {
		return err
	}
	a.chapter("masker run: read, treat, build a shadow, verify it, publish it")
	if err := a.verb(ctx, "run"); err != nil {
		return err
	}
	if err := a.compareShop(ctx, server); err != nil {
		return err
	}
	if err := a.proveShop(ctx); err != nil {
		return err
	}
	return a.printNextSteps(dir, server)
}

// chapter prints a heading.
func (a *app) chapter(title string) {
	fmt.Fprintf(a.out, "\n── %s %s\n\n", title, strings.Repeat("─", max(3, 74-len(title))))
}

// draftShop shows what init guesses. It also shows that masker makes no plan while a column is undecided.
func (a *app) draftShop(ctx context.Context) error {
	a.chapter("masker init: a draft from the schema alone")
	d, err := a.draft(ctx, "${PRODUCTION_URL}")
	if err != nil {
		return err
	}
	if err := a.writeDraft(d); err != nil {
		return err
	}
	a.chapter("masker plan: undecided columns stop the refresh before a row is read")
	_, err = a.build(ctx, "")
	var undecided *plan.Undecided
	if !errors.As(err, &undecided) {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s\n\n(exit code %d)\n", undecided.Error(), exitRefused)
	return err
}

// reviewShop replaces the draft with rules that a reviewer has completed, and shows their plan.
func (a *app) reviewShop(ctx context.Context, dir string) error {
	path := filepath.Join(dir, "rules", demoSource+".yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(shop.Rules, demoRule, demoMistake, 1)), 0o644); err != nil {
		return err
	}
	a.chapter("masker plan: the same rules, completed and reviewed (" + path + ")")
	p, err := a.build(ctx, "")
	if err != nil {
		return err
	}
	return a.printPlan(p, "text")
}

// correctShop shows that the verification catches the mistake in the approved rules. Then the author corrects the rules.
func (a *app) correctShop(ctx context.Context, dir string) error {
	a.chapter("masker run: the approved rules keep card numbers by mistake, and nothing is published")
	err := a.verb(ctx, "run")
	if exitCode(err) != movement.Unverified.Code() {
		return fmt.Errorf("the demo's run with a mistake in the rules should have failed its verification: %w", err)
	}
	fmt.Fprintf(a.out, "masker: %s\n\n(exit code %d)\n", movement.Words(err), exitCode(err))

	a.chapter("The author corrects the rules, and both sign again")
	corrected := strings.Replace(shop.Rules, "revision: 1\n", "revision: 2\n", 1)
	if err := os.WriteFile(filepath.Join(dir, "rules", demoSource+".yaml"), []byte(corrected), 0o644); err != nil {
		return err
	}
	return a.signBoth(ctx, dir)
}

func (a *app) printNextSteps(dir string, server *pglocal.Server) error {
	a.chapter("Look for yourself")
	_, err := fmt.Fprintf(a.out, "before   psql '%s'\nafter    psql '%s'\nledger   %s\nagain    PRODUCTION_URL='%s' STAGING_URL='%s' masker run --config %s\nremove   masker demo --clean%s\n",
		server.URL(demoSource), server.URL(demoTarget), filepath.Join(dir, "ledger", "ledger.jsonl"),
		a.env["PRODUCTION_URL"], a.env["STAGING_URL"], shellWord(a.configFile), dirFlag(dir))
	return err
}

func dirFlag(dir string) string {
	if dir == "demo" {
		return ""
	}
	return " --dir " + shellWord(dir)
}

// shellWord quotes a text so that a shell reads one word. The demo prints commands to copy, and their paths may hold
// blanks and quotes.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-@:=+,", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
