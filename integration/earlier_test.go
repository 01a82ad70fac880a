package integration

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

// refreshAsEarlier refreshes the target like an earlier version of masker that recorded no OID. It copies no rows. It
// returns the run's identifier.
func (s *site) refreshAsEarlier(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	snapshot, err := source.Open(ctx, s.source, source.Options{})
	check(err)
	defer snapshot.Close()
	held, err := target.Open(ctx, s.target, target.Options{Proof: acceptAllMarks{}})
	check(err)
	defer held.Close()
	l, err := ledger.Open(filepath.Join(s.dir, "ledger"), ledger.Options{})
	check(err)
	defer l.Close()
	run, err := l.Start(ledger.Movement{Flow: "nightly", Target: ledger.Party{
		Environment: "staging", Kind: "staging", SystemID: held.SystemID(), Database: held.Name(),
	}}, held.Published())
	check(err)
	ddl, err := snapshot.Archive(ctx)
	check(err)
	shadow, err := held.Create(ctx, sides.Shadow{Run: run.ID(), Source: snapshot.Catalog(), Archive: ddl})
	check(err)
	check(shadow.Finish(ctx))
	in, err := l.Include(run.Seq())
	check(err)
	text, err := json.Marshal(in)
	check(err)
	check(shadow.Provenance(ctx, []provenance.Step{{Step: 1, Run: run.ID(), Inclusion: string(text), At: time.Now()}}))
	check(shadow.Publish(ctx))
	check(run.Finish(ledger.Outcome{}))
	return run.ID()
}

// R10: the ledger has no OID of databases that an earlier version of masker made. Masker replaces such a target. It
// drops the previous database if the provenance of that database names the previous run. It does not drop a copy with
// the same name.
func TestR10ADatabaseOfAnEarlierVersionIsProvenByItsProvenance(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, f *foreign, name, previous, run string)
		why   string // why the previous database stays; "" if it is dropped
	}{
		{"true", func(*testing.T, *foreign, string, string, string) {}, ""},
		{"a copy of the target", func(t *testing.T, f *foreign, name, previous, run string) {
			do(t, f.admin, "DROP DATABASE "+previous)
			f.create(t, previous, name, mark("previous", name, run))
		}, "did not replace the database of that run"},
		{"a mark alone", func(t *testing.T, f *foreign, name, previous, run string) {
			do(t, f.admin, "DROP DATABASE "+previous)
			f.create(t, previous, "", mark("previous", name, run))
		}, "carries no provenance"},
		{"another name", func(t *testing.T, f *foreign, name, previous, run string) {
			do(t, f.admin, "ALTER DATABASE "+previous+" RENAME TO "+name+"_kept")
			f.names = []string{name + "_kept"}
			f.was = f.state(t)
		}, "replaced another name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")).rules(t, smallRules)
			s.canaries = []string{"CANARY-"}
			s.flow["keep_previous"] = "0"
			s.refreshAsEarlier(t)
			run, name := s.refreshAsEarlier(t), databaseName(t, s.target)
			f := foreign{admin: srv.url("postgres")}
			c.spoil(t, &f, name, name+"_previous_"+run, run)
			o := s.mustRefresh(t, "--format", "json")
			left := siblings(t, srv, s.target)
			if c.why == "" {
				if len(left) > 0 {
					t.Errorf("these databases are left: %v", left)
				}
				return
			}
			f.expectUnchanged(t)
			if len(left) != 1 || !strings.Contains(o.stdout, c.why) {
				t.Errorf("these databases are left: %v; %v", left, o)
			}
		})
	}
}
