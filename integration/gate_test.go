package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/ledger"
)

// gate holds a refresh while it copies rows. The table called generation has a generated column in the source, and
// therefore also in the shadow. In the shadow, the column's function waits as long as there is a session with the
// gate's name.
type gate struct {
	name  string
	admin string // URL of the maintenance database
	conn  *pgx.Conn
}

// gateColumn adds the column. Its function waits only in a shadow.
const gateColumn = `
CREATE FUNCTION gate(n int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	WHILE current_database() LIKE '%%\_masker\_%%' AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = '%s') LOOP
		PERFORM pg_catalog.pg_stat_clear_snapshot(), pg_catalog.pg_sleep(0.01);
	END LOOP;
	RETURN true;
END $$;
ALTER TABLE generation ADD open boolean GENERATED ALWAYS AS (public.gate(n)) STORED;`

// gatedSite makes a site whose next refresh waits at a gate while it loads the table called generation.
func gatedSite(t *testing.T) (*site, *gate) {
	t.Helper()
	srv := Server(t)
	s := refreshedSite(t, srv)
	s.superuser = true // the gate's function reads pg_stat_activity, so it is reaching
	g := &gate{name: unique(t, "gate"), admin: srv.url("postgres")}
	do(t, s.source, fmt.Sprintf(gateColumn, g.name))
	g.conn = connect(t, g.admin)
	if _, err := g.conn.Exec(t.Context(), "SET application_name = '"+g.name+"'"); err != nil {
		t.Fatal(err)
	}
	return s, g
}

// reached waits until the refresh has reached the gate.
func (g *gate) reached(t *testing.T) {
	t.Helper()
	await(t, "the refresh to reach the gate", func() bool {
		return ask(t, g.admin, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY %generation%' AND state = 'active' AND wait_event = 'PgSleep' AND datname LIKE '"+
			strings.TrimSuffix(g.name, "gate")+"%'") != "0"
	})
}

// open lets the refresh continue.
func (g *gate) open() { g.conn.Close(context.Background()) }

// await polls a condition until it is true, at most for a minute.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("waited a minute for %s", what)
		case <-t.Context().Done():
			t.Fatalf("the test ended while waiting for %s", what)
		case <-tick.C:
		}
	}
}

// ledger reads the records of the site's ledger from its file, without pkg/ledger.
func (s *site) ledger(t *testing.T) []ledger.Record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "ledger", "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var records []ledger.Record
	for line := range strings.Lines(string(data)) {
		var r ledger.Record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("a line of the ledger is not a record: %v", err)
		}
		records = append(records, r)
	}
	return records
}
