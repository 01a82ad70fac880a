package pglocal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pglocal"
)

func start(t *testing.T, o pglocal.Options) *pglocal.Server {
	t.Helper()
	o.Fast, o.Log = true, func(line string) { t.Log(line) }
	s, err := pglocal.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func ask(t *testing.T, url, query string) (answer string, err error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return "", err
	}
	defer conn.Close(t.Context())
	err = conn.QueryRow(t.Context(), query).Scan(&answer)
	return answer, err
}

func TestAServerAnswersAndLeavesNothingBehind(t *testing.T) {
	s := start(t, pglocal.Options{Settings: map[string]string{"application_name": "o'clock"}})
	got, err := ask(t, s.URL("postgres"), "SELECT current_user || ' ' || current_setting('application_name')")
	if err != nil || got != "postgres o'clock" {
		t.Fatalf("got %q, %v", got, err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.DataDir()); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", s.DataDir(), err)
	}
}

func TestAKilledServerRecoversInItsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "server")
	openFolders(t, dir)
	s := start(t, pglocal.Options{Dir: dir})
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a session outlived the kill")
	}
	again := start(t, pglocal.Options{Dir: dir})
	got, err := ask(t, again.URL("postgres"), "SELECT n::text FROM kept")
	if err != nil || got != "7" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAServerThatStaysIsFoundAndRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "server")
	openFolders(t, dir)
	s := start(t, pglocal.Options{Dir: dir, Stay: true})
	found, err := pglocal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if found.URL("postgres") != s.URL("postgres") {
		t.Error("found another server")
	}
	if err := pglocal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", dir, err)
	}
	if _, err := ask(t, s.URL("postgres"), "SELECT 'alive'"); err == nil {
		t.Error("the server still answers")
	}
}

func TestRemoveLeavesAForeignFolderAlone(t *testing.T) {
	dir := t.TempDir()
	if err := pglocal.Remove(dir); err == nil {
		t.Error("removed a folder it did not make")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// Other users of the machine can connect to a loopback port. So the server must ask for the password, on the port and
// on the socket.
func TestNobodyConnectsWithoutThePassword(t *testing.T) {
	s := start(t, pglocal.Options{})
	for name, url := range map[string]string{
		"tcp":    "postgres://postgres@" + s.Addr() + "/postgres?sslmode=disable",
		"socket": "host=" + s.SocketDir() + " port=" + s.Addr()[strings.LastIndexByte(s.Addr(), ':')+1:] + " user=postgres dbname=postgres",
	} {
		if _, err := ask(t, url, "SELECT 'in'"); err == nil || !strings.Contains(err.Error(), "password") {
			t.Errorf("%s: want a refusal for want of a password, got %v", name, err)
		}
	}
}

func TestAWrongFolderOfProgramsIsNamed(t *testing.T) {
	t.Setenv("MASKER_PG_BIN", t.TempDir())
	if _, err := pglocal.BinDir(); err == nil || !strings.Contains(err.Error(), "initdb") {
		t.Errorf("got %v", err)
	}
}

// TestServerDiesWithItsProcess runs itself as a child process. The child starts a server, and the test kills the child.
func TestServerDiesWithItsProcess(t *testing.T) {
	if os.Getenv("PGLOCAL_CHILD") != "" {
		s, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("URL " + s.URL("postgres") + "\nDIR " + filepath.Dir(s.DataDir()) + "\n")
		select {}
	}
	if !pglocal.DiesWithParent {
		t.Skip("skipped: only Linux ends a server with the process that started it")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestServerDiesWithItsProcess$")
	cmd.Env = append(os.Environ(), "PGLOCAL_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(buf[:n]))
	if len(f) < 4 {
		t.Fatalf("the child says %q", buf[:n])
	}
	t.Cleanup(func() { _ = os.RemoveAll(f[3]) })
	conn, err := pgx.Connect(t.Context(), f[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the child was killed, so there is always an error
	// The statement fails when the server ends. So this call waits for the end of the server.
	if _, err := conn.Exec(t.Context(), "SELECT pg_sleep(60)"); err == nil {
		t.Error("the server outlived the process that started it")
	}
}

// openFolders lets every user pass through the folders of the test above dir.
func openFolders(t *testing.T, dir string) {
	t.Helper()
	for p := filepath.Dir(dir); p != filepath.Clean(os.TempDir()) && p != "/"; p = filepath.Dir(p) {
		if err := os.Chmod(p, 0o711); err != nil {
			t.Fatal(err)
		}
	}
}
