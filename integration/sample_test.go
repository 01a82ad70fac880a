package integration

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// samples are the public databases, each loaded once for all stories; a refresh only reads them.
var samples = map[string]*sync.Mutex{"pagila": {}, "adventureworks": {}, "pg_regress": {}}

// sample is the URL of a public database; without the folder that holds it the test is skipped.
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
		t.Skipf("skipped: %s holds no %s; it is not part of this repository", dataDir, name)
	}
	loading := srv.url(db + "_loading")
	do(t, srv.url("postgres"), "CREATE DATABASE "+db+"_loading TEMPLATE template0 ENCODING 'UTF8'")
	Load(t, databaseName(t, loading), name+".sql.gz")
	do(t, loading, "VACUUM ANALYZE")
	do(t, srv.url("postgres"), "ALTER DATABASE "+db+"_loading RENAME TO "+db)
	return srv.url(db)
}
