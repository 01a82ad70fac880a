package source

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
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

// Each failure of pg_dump is a dumpError. So Explain checks after each of them whether the snapshot still exists.
func TestEveryErrorOfDumpIsOfDump(t *testing.T) {
	run := func(script string) error { return exec.Command("/bin/sh", "-c", script).Run() }
	for name, c := range map[string]struct {
		err    error
		stderr string
	}{
		"known":   {run("exit 1"), "pg_dump: error: invalid snapshot identifier"},
		"status":  {run("exit 3"), ""},
		"signal":  {run("kill -9 $$"), ""},
		"not run": {os.ErrPermission, ""},
	} {
		err := explainDump("/bin/pg_dump", "reader", c.err, []byte(c.stderr))
		if _, ok := errors.AsType[dumpError](fmt.Errorf("dumping: %w", err)); !ok {
			t.Errorf("%s: %T", name, err)
		}
	}
}
