package source

import (
	"errors"
	"strings"
	"testing"
)

func TestAdviceOfDump(t *testing.T) {
	for stderr, want := range map[string]string{
		"pg_dump: error: query failed: ERROR:  permission denied for table t":                `GRANT pg_read_all_data TO "Reader"`,
		"pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout": "somebody holds or waits for an exclusive lock",
		"pg_dump: error: query would be affected by row-level security policy":               `ALTER ROLE "Reader" BYPASSRLS`,
	} {
		if err := explainDump("/bin/pg_dump", `"Reader"`, errors.New("exit"), []byte(stderr)); !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
