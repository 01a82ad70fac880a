package integration

import (
	"fmt"
	"os"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// targetServer returns the server of the targets of all cases. If MASKER_TEST_TARGET_BIN names a
// folder of PostgreSQL's programs, the targets have their own server, so that source and target can
// have two versions. Otherwise targetServer returns the shared server.
func targetServer(t *testing.T) *server {
	t.Helper()
	bin := os.Getenv("MASKER_TEST_TARGET_BIN")
	if bin == "" {
		return Server(t)
	}
	srv, _ := ownServer(t, pglocal.Options{Bin: bin, Settings: map[string]string{"max_connections": "200"}})
	return srv
}

func majorOf(t *testing.T, srv *server) (major int) {
	t.Helper()
	if _, err := fmt.Sscan(ask(t, srv.url("postgres"), "SELECT current_setting('server_version_num')::int / 10000"), &major); err != nil {
		t.Fatal(err)
	}
	return major
}
