package target_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/target"
)

// migration starts a transaction in the database postgres that holds a lock on a target, so that the target cannot be
// renamed. It returns the session and its description.
func migration(t *testing.T, name string) (*pgx.Conn, string) {
	t.Helper()
	conn := connect(t, server.URL("postgres"))
	if _, err := conn.Exec(t.Context(), "SET application_name = 'migration'; BEGIN; COMMENT ON DATABASE "+name+" IS 'to be renamed'"); err != nil {
		t.Fatal(err)
	}
	return conn, fmt.Sprintf("process %d of role postgres (application 'migration') in database postgres", conn.PgConn().PID())
}

// The operator learns at once whom a swap waits for. The swap succeeds when the other session has ended.
func TestASwapThatWaitsSaysForWhom(t *testing.T) {
	create(t, "wait_src", "CREATE TABLE t (a int)")
	var other *pgx.Conn
	var told []string
	p := open(t, server.URL("wait"), target.Options{})
	refresh(t, p, "wait_src", spec(t, "wait_src", "run1"))
	p.Close()
	p = open(t, server.URL("wait"), target.Options{Note: func(text string) {
		told = append(told, text)
		other.Close(context.Background())
	}})
	other, who := migration(t, "wait")
	s := refresh(t, p, "wait_src", spec(t, "wait_src", "run2"))
	if !slices.Equal(told, []string{"waiting for " + who}) || !slices.Equal(s.Notes(), []string{"waited for " + who}) {
		t.Errorf("told %q, notes %q, want %s", told, s.Notes(), who)
	}
}

// A swap that gives up names the session that was in the way. The target is as it was.
func TestASwapThatGivesUpSaysWhoIsInTheWay(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: five attempts, with a second in between")
	}
	create(t, "giveup_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("giveup"), target.Options{})
	refresh(t, p, "giveup_src", spec(t, "giveup_src", "run1"))
	p.Close()
	p = open(t, server.URL("giveup"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "giveup_src", "run2"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := one[uint32](t, "postgres", "SELECT oid FROM pg_database WHERE datname = 'giveup'")
	_, who := migration(t, "giveup")
	if err := s.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), who) {
		t.Errorf("got %v, want %s", err, who)
	}
	if after := one[uint32](t, "postgres", "SELECT oid FROM pg_database WHERE datname = 'giveup'"); after != before {
		t.Error("the target was replaced")
	}
}

// A session that the role may not end does not keep masker from ending the others in the shadow.
func TestASuperuserInTheShadowKeepsNoOtherSession(t *testing.T) {
	sql(t, "postgres", "CREATE ROLE crowded LOGIN CREATEDB PASSWORD 'crowded'", "GRANT pg_signal_backend TO crowded")
	create(t, "crowded_src", "CREATE TABLE t (a int)")
	var told []string
	p := open(t, server.URLFor("crowded", "crowded", "crowded"), target.Options{Patience: 300 * time.Millisecond, Note: func(text string) { told = append(told, text) }})
	s, err := p.Create(t.Context(), spec(t, "crowded_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect(t, server.URL(s.Name()))
	other := connect(t, server.URLFor("crowded", "crowded", s.Name()))
	connect(t, server.URL(s.Name()))
	if err := s.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "stays in the shadow") {
		t.Errorf("got %v, told %q", err, told)
	}
	if err := other.Ping(t.Context()); err == nil {
		t.Error("the session of the same role is still there")
	}
}
