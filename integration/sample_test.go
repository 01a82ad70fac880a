package integration

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// samples are the public databases. Each is loaded once for all tests, because a refresh only reads its source.
var samples = map[string]*sync.Mutex{"pagila": {}, "adventureworks": {}, "pg_regress": {}}

// sample returns the URL of a public database. It skips the test if the database's dump is missing.
func sample(t *testing.T, name string) string {
	t.Helper()
	srv := Server(t)
	samples[name].Lock()
	defer samples[name].Unlock()
	db := "sample_" + name
	if ask(t, srv.url("postgres"), "SELECT count(*) FROM pg_database WHERE datname = '"+db+"'") == "1" {
		return srv.url(db)
	}
	if _, err := os.Stat(filepath.Join(dataDir, name+".sql.gz")); os.IsNotExist(err) {
		t.Skipf("skipped: %s has no %s; the public databases are not part of this repository", dataDir, name)
	}
	loading := srv.url(db + "_loading")
	do(t, srv.url("postgres"), "CREATE DATABASE "+db+"_loading TEMPLATE template0 ENCODING 'UTF8'")
	Load(t, databaseName(t, loading), name+".sql.gz")
	do(t, loading, "VACUUM ANALYZE")
	do(t, srv.url("postgres"), "ALTER DATABASE "+db+"_loading RENAME TO "+db)
	return srv.url(db)
}
