package integration

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/faultproxy"
)

// failInRounds lets the network of one side fail in every way. The byte at which it fails is spread over the whole run.
func (v *victim) failInRounds(t *testing.T, side string, rounds int, results *table) {
	v.flow["connection_patience"] = "2s" // a run with a stalled network takes at least this long
	url := map[string]*string{"source": &v.source, "target": &v.target}[side]
	total := v.measure(t, url)
	t.Logf("a run moves %d bytes on the side of the %s", total, side)
	for number, f := range faultproxy.Failures() {
		for round := range rounds {
			part := (float64(round) + (float64(number)+0.5)/float64(len(faultproxy.Failures()))) / float64(rounds)
			t.Run(fmt.Sprintf("%s at %.0f%%", f, 100*part), func(t *testing.T) {
				got := v.failAt(t, url, int64(part*float64(total)), f)
				results.add(fmt.Sprintf("%s network, %s", side, f), fmt.Sprintf("%s@%.0f%%", got, 100*part))
			})
			if t.Failed() {
				return
			}
		}
	}
}

// measure returns the number of bytes that a whole run moves on one side.
func (v *victim) measure(t *testing.T, url *string) int64 {
	t.Helper()
	direct := *url
	proxy := throughProxy(t, url)
	nextGeneration(t, v.source)
	v.mustRefresh(t)
	proxy.Close()
	*url = direct
	v.starts++
	v.generation++
	return proxy.Passed()
}

// failAt runs a refresh during which the network fails after a number of bytes, and then a second
// refresh. It returns whether staging was old or new between the two refreshes. It returns "-" if
// the network did not fail, because the first refresh moved fewer bytes.
func (v *victim) failAt(t *testing.T, url *string, after int64, f faultproxy.Failure) string {
	t.Helper()
	direct := *url
	nextGeneration(t, v.source)
	proxy := throughProxy(t, url)
	*url += "&connect_timeout=1"
	proxy.FailAfter(after, f)
	run := v.start(t, "run", "--flow", "nightly")
	o := run.wait(t)
	v.sweep(t, o)
	v.starts++
	failed := proxy.Failed()
	proxy.Close()
	*url = direct
	got := v.state(t, o)
	switch {
	case o.code == exitDone && got == "old", o.code == exitFailed && got == "new", o.code != exitDone && o.code != exitFailed && o.code != exitLate:
		t.Errorf("staging is the %s database; %v", got, o)
	case f == faultproxy.Slow && o.code != exitDone:
		t.Errorf("a slow network ended the run: %v", o)
	case !failed:
		got = "-"
	}
	nextGeneration(t, v.source)
	v.recover(t)
	return got
}

// targetLock is a condition on pg_locks for the lock of the target.
func (s *site) targetLock(t *testing.T) string {
	t.Helper()
	sum := sha256.Sum256([]byte("masker target " + databaseName(t, s.target)))
	return fmt.Sprintf("classid = %d AND objid = %d", binary.BigEndian.Uint32(sum[:4]), binary.BigEndian.Uint32(sum[4:8]))
}

// bystanders are a database, a role and sessions of others, on the servers of a site.
type bystanders struct {
	database string // has a name like a shadow, but masker did not make it
	role     string
	admin    string // URL of the maintenance database
	sessions map[string]*pgx.Conn
	before   string
}

// watchOthers makes bystanders. Their sessions are in production, in their own database and in the maintenance
// database.
func watchOthers(t *testing.T, srv *server, s *site) *bystanders {
	t.Helper()
	b := &bystanders{database: databaseName(t, s.target) + "_masker_bystander", admin: srv.url("postgres"), sessions: map[string]*pgx.Conn{}}
	b.role = role(t, srv, "bystander", "", srv.url(b.database))
	do(t, b.admin, "CREATE DATABASE "+b.database)
	do(t, b.admin, "COMMENT ON DATABASE "+b.database+" IS 'team blue'")
	do(t, b.admin, "ALTER ROLE "+b.role+" IN DATABASE "+b.database+" SET work_mem = '5MB'")
	do(t, b.admin, "GRANT CONNECT ON DATABASE "+b.database+" TO "+b.role)
	for _, url := range []string{s.source, srv.url(b.database), b.admin} {
		b.sessions[url] = connect(t, url)
	}
	b.before = b.describe(t, s)
	return b
}

// describe returns what the server says about the database and the role of the bystanders, about production, and about
// roles with masker in their names.
func (b *bystanders) describe(t *testing.T, s *site) string {
	t.Helper()
	names := "'" + b.database + "', '" + databaseName(t, s.source) + "'"
	return strings.Join(append(askAll(t, b.admin, `SELECT concat_ws(' ', d.oid, datname, datdba, datacl, datconnlimit, datallowconn, shobj_description(d.oid, 'pg_database'), s.setrole, s.setconfig)
		FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid WHERE datname IN (`+names+`) ORDER BY 1`),
		askAll(t, b.admin, "SELECT r::text FROM pg_roles r WHERE rolname = '"+b.role+"' OR rolname LIKE '%masker%' ORDER BY 1")...), "\n")
}

// check checks that nothing of the bystanders has changed, and that their sessions go on.
func (b *bystanders) check(t *testing.T, s *site) {
	t.Helper()
	if now := b.describe(t, s); now != b.before {
		t.Errorf("others have now\n%s\nand had\n%s", now, b.before)
	}
	for url, conn := range b.sessions {
		if _, err := conn.Exec(context.WithoutCancel(t.Context()), "SELECT 1"); err != nil {
			t.Errorf("a session in %s ended: %v", databaseName(t, url), err)
		}
	}
}
