package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

// published makes the target of a site as a refresh does, with roles of least rights, and returns the ledger's public key.
func published(t *testing.T, s *site, from, to string) string {
	t.Helper()
	snapshot, err := source.Open(t.Context(), from, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	dst, err := target.Open(t.Context(), to, target.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dst.Close()
	l, err := ledger.Open(filepath.Join(s.dir, "ledger"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	run, err := l.Start(ledger.Movement{
		Source: ledger.Party{Environment: "production", Kind: "production", SystemID: snapshot.Facts().SystemID, Database: snapshot.Facts().Database},
		Target: ledger.Party{Environment: "staging", Kind: "staging", SystemID: dst.SystemID(), Database: dst.Name()},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	in, err := l.Include(run.Seq())
	if err != nil {
		t.Fatal(err)
	}
	proof, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := snapshot.Archive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shadow, err := dst.Create(t.Context(), target.Spec{Run: run.ID(), Source: snapshot.Catalog(), Archive: archive})
	if err != nil {
		t.Fatal(err)
	}
	if err := shadow.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := shadow.Provenance(t.Context(), []target.Step{{Step: 1, Run: run.ID(), Inclusion: string(proof), At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if err := shadow.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l.VerifierKey()
}

// TestA6WhereADatabaseComesFrom asks the command about a target, as a role that owns nothing: with the configuration's own ledger,
// with a key alone, and after everything that should make it say no.
func TestA6WhereADatabaseComesFrom(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "prod", "CREATE TABLE person (id int)")
	dst, laptop := unborn(t, srv, "staging"), unborn(t, srv, "laptop")
	s := newSite(t, src, dst).rules(t, smallRules)
	key := published(t, s, as(t, src, role(t, srv, "reader", "IN ROLE pg_read_all_data")), as(t, dst, role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", dst, laptop)))
	nobody := role(t, srv, "nobody", "")
	name := databaseName(t, dst)
	answer := func(code int, words ...string) {
		t.Helper()
		s.target = as(t, dst, nobody)
		s.masker(t, "provenance", "staging", "--key", key).want(t, code, words...)
	}
	s.target = as(t, dst, nobody)
	s.masker(t, "provenance", "staging").want(t, exitDone, "environment production", "No: it was made for environment staging")
	s.masker(t, "provenance", "production").want(t, exitRefused, "no provenance of masker's", "counts as such")
	if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "provenance", "${STAGING_URL}").want(t, exitRefused, "--key")
	s.masker(t, "provenance", "${STAGING_URL}", "--key", key, "--format", "json").want(t, exitDone, `"verified": true`)
	answer(exitDone)

	do(t, dst, "UPDATE masker.provenance SET inclusion = replace(inclusion, 'production', 'productiox')")
	answer(exitRefused, "does not prove its record")
	do(t, dst, "UPDATE masker.provenance SET inclusion = replace(inclusion, 'productiox', 'production')")
	answer(exitDone)
	do(t, srv.url("postgres"), "COMMENT ON DATABASE "+catalog.Quote(name)+" IS NULL")
	answer(exitRefused, "the database's comment")

	do(t, srv.url("postgres"), "CREATE DATABASE "+catalog.Quote(databaseName(t, laptop))+" TEMPLATE "+catalog.Quote(name))
	dst = laptop
	answer(exitRefused, "a copy of it, or it was renamed")
	s.masker(t, "provenance", dst).want(t, exitUsage, "holds a password")
}
