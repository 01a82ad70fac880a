// Package demo shows a complete refresh on a throw-away PostgreSQL server. A shop has a production database. The demo
// drafts and completes rules, has them approved, shows how the verification catches a mistake, and publishes a staging
// database. The verbs of masker do the work.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/masker-project/masker/examples/shop"
	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/movement"
)

const (
	productionName = "shop"
	stagingName    = "shop_staging"
	laptopName     = "shop_laptop"

	customers = 5000
)

// At first, the author and the reviewer of the demo believe that payments hold only the last digits of cards.
const (
	rule    = "card_number: {class: pan}\n      iban:"
	mistake = "card_number: {keep: the last four digits}\n      iban:"
)

// Demo is one demo. Its chapters are written to Out.
type Demo struct {
	Dir string // folder for the server and the files
	Out io.Writer
	Log func(line string) // gets lines about the installation of the server
	Env map[string]string // the environment variables of the verbs. The demo changes it
	// Verb runs masker with these arguments and with the variables of Env. It returns the exit code, and the error of
	// the verb.
	Verb func(ctx context.Context, args ...string) (exit int, err error)
}

// ErrExists says that the folder of a demo exists already.
var ErrExists = errors.New("it exists")

// ErrForeign says that a folder is not of a demo.
var ErrForeign = errors.New("the demo did not make it")

// serverDir returns the server's folder in dir. If dir has this folder, the demo made dir.
func serverDir(dir string) string { return filepath.Join(dir, "postgres") }

// Clean stops the server of the demo in a folder, and removes the folder. It reports whether there was a folder. It
// refuses a folder that holds no demo.
func Clean(dir string) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if _, err := os.Stat(serverDir(dir)); err != nil {
		return false, ErrForeign
	}
	if err := pglocal.Remove(serverDir(dir)); err != nil {
		return false, err
	}
	return true, os.RemoveAll(dir)
}

// Run runs the demo, one chapter after another. If a chapter fails, it removes the server and the folder.
func (d *Demo) Run(ctx context.Context) (err error) {
	if _, err := os.Stat(d.Dir); err == nil {
		return ErrExists
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return err
	}
	d.chapter("A throw-away PostgreSQL server with a shop's production database")
	server, err := pglocal.Start(ctx, pglocal.Options{Dir: serverDir(d.Dir), Stay: true, Log: d.Log})
	if err != nil {
		return errors.Join(err, os.RemoveAll(d.Dir))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pglocal.Remove(serverDir(d.Dir)), os.RemoveAll(d.Dir))
		}
	}()
	if err := fillShop(ctx, server); err != nil {
		return err
	}
	if err := d.makeRoles(ctx, server); err != nil {
		return err
	}
	for _, chapter := range []func(context.Context) error{d.draft, d.review, d.sign, d.correct} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	d.chapter("masker run: read, treat, build a shadow, verify it, publish it")
	if err := d.verb(ctx, "run"); err != nil {
		return err
	}
	if err := d.compare(ctx, server); err != nil {
		return err
	}
	if err := d.prove(ctx); err != nil {
		return err
	}
	if err := d.explainSubset(ctx); err != nil {
		return err
	}
	if err := d.branch(ctx); err != nil {
		return err
	}
	if err := d.makeFixture(ctx, server); err != nil {
		return err
	}
	return d.printNextSteps(server)
}

// path returns the path of a file in the demo's folder.
func (d *Demo) path(names ...string) string {
	return filepath.Join(append([]string{d.Dir}, names...)...)
}

// chapter prints a heading.
func (d *Demo) chapter(title string) {
	fmt.Fprintf(d.Out, "\n── %s %s\n\n", title, strings.Repeat("─", max(3, 74-len(title))))
}

// verb prints a command line of masker and runs it.
func (d *Demo) verb(ctx context.Context, args ...string) error {
	_, err := d.try(ctx, args...)
	return err
}

// fails runs a command line of masker that has to end with this exit code. It prints the error and the code.
func (d *Demo) fails(ctx context.Context, want movement.Kind, args ...string) error {
	exit, err := d.try(ctx, args...)
	if exit != want.Code() {
		return fmt.Errorf("masker %s should have ended with exit code %d: %w", strings.Join(args, " "), want.Code(), err)
	}
	_, err = fmt.Fprintf(d.Out, "masker: %s\n\n(exit code %d)\n", movement.Words(err), exit)
	return err
}

func (d *Demo) try(ctx context.Context, args ...string) (int, error) {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = shellWord(arg)
	}
	fmt.Fprintf(d.Out, "$ masker %s\n", strings.Join(words, " "))
	return d.Verb(ctx, append([]string{"--config", d.path("masker.yaml")}, args...)...)
}

// draft shows what init guesses. It also shows that masker makes no plan while a column is undecided.
func (d *Demo) draft(ctx context.Context) error {
	d.chapter("masker init: a draft from the schema alone")
	if err := d.verb(ctx, "init", "--from", "${PRODUCTION_URL}"); err != nil {
		return err
	}
	d.chapter("masker plan: undecided columns stop the refresh before a row is read")
	return d.fails(ctx, movement.Refused, "plan")
}

// review replaces the draft with rules that a reviewer has completed, and shows their plan. The rules still have the
// mistake that verification will catch.
func (d *Demo) review(ctx context.Context) error {
	path := d.path("rules", productionName+".yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(shop.Rules, rule, mistake, 1)), 0o644); err != nil {
		return err
	}
	d.chapter("masker plan: the same rules, completed and reviewed (" + path + ")")
	return d.verb(ctx, "plan")
}

// correct shows that the verification catches the mistake in the approved rules. Then the author corrects the rules.
func (d *Demo) correct(ctx context.Context) error {
	d.chapter("masker run: the approved rules keep card numbers by mistake, and nothing is published")
	if err := d.fails(ctx, movement.Unverified, "run"); err != nil {
		return err
	}
	d.chapter("The author corrects the rules, and both sign again")
	corrected := strings.Replace(shop.Rules, "revision: 1\n", "revision: 2\n", 1)
	if err := os.WriteFile(d.path("rules", productionName+".yaml"), []byte(corrected), 0o644); err != nil {
		return err
	}
	return d.signBoth(ctx)
}

func (d *Demo) printNextSteps(server *pglocal.Server) error {
	d.chapter("Look for yourself")
	_, err := fmt.Fprintf(d.Out, "before   psql '%s'\nafter    psql '%s'\nledger   %s\nagain    PRODUCTION_URL='%s' STAGING_URL='%s' LAPTOP_URL='%s' masker run --flow nightly --config %s\nremove   masker demo --clean%s\n",
		server.URL(productionName), server.URL(stagingName), d.path("ledger", "ledger.jsonl"),
		d.Env["PRODUCTION_URL"], d.Env["STAGING_URL"], d.Env["LAPTOP_URL"], shellWord(d.path("masker.yaml")), dirFlag(d.Dir))
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
