// Package pglocal runs a throw-away PostgreSQL for the demo, the tests and the benchmark.
//
// It needs only PostgreSQL's programs, or Docker. The server listens on 127.0.0.1 and on a socket in its own folder.
// Both ask for a random password, because other users of the machine can connect to a loopback port too.
//
// Never use it with data that somebody needs. Stop removes a temporary folder with everything in it.
package pglocal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// superuser is the role that URL connects as.
const superuser = "postgres"

// Options say what kind of server to start. The zero value is a server in a temporary folder, with PostgreSQL's default
// settings except those of time zones and messages. On Linux it ends with this process. If this machine has no programs
// of PostgreSQL, the server is in a container, which does not end with this process.
type Options struct {
	Bin      string            // folder of PostgreSQL's programs; "" for the result of BinDir
	Dir      string            // the server's folder, or a folder with a pointer to it; "" for a temporary folder
	Settings map[string]string // settings for postgresql.conf; they override the defaults
	InMemory bool              // the temporary folder is in memory, if the machine has room there and TMPDIR is not set
	Fast     bool              // turns fsync off, for tests; a power failure may then cost the data
	Stay     bool              // the server outlives this process; Open finds it again
	Log      func(string)      // gets one line for each step; nil for none
}

func (o Options) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

// settings returns the settings for postgresql.conf.
func (o Options) settings() map[string]string {
	settings := map[string]string{
		"timezone": "UTC", "log_timezone": "UTC", "lc_messages": "C", "max_connections": "100",
		"logging_collector": "off", "log_destination": "stderr",
	}
	if o.Fast {
		// Commits stay synchronous. A committed transaction is then written to the kernel, and survives Kill.
		settings["fsync"], settings["full_page_writes"] = "off", "off"
	}
	maps.Copy(settings, o.Settings)
	return settings
}

// Server is a running PostgreSQL.
type Server struct {
	dir       string // the server's folder
	socketDir string // dir, or a folder with a shorter path
	bin       string
	port      int
	password  string
	temporary bool
	requested string // the folder that the caller gave, if Start made the server's folder elsewhere; else ""
	pid       int
	done      chan struct{} // closed when the child process has ended; nil for a server that Open found
	container string        // the name of the container in Docker, where there is no pid; else ""
	hold      *os.File      // of RemoveAtExit: the server is removed when this file is closed
}

// Start starts a server with the PostgreSQL programs of this machine. If there are none, it starts the server in
// Docker. If Dir has no data folder yet, Start makes one. Start returns when the server takes connections. If ctx ends
// during the start, the start stops. Later, the end of ctx does not stop the server.
func Start(ctx context.Context, o Options) (*Server, error) {
	bin, err := o.Bin, error(nil)
	if bin == "" {
		bin, err = BinDir()
	}
	if errors.Is(err, ErrNoBinaries) && DockerAnswers(ctx) {
		return startDocker(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	s := &Server{dir: o.Dir, bin: bin}
	if err := s.makeDir(owner, o.InMemory); err != nil {
		return nil, err
	}
	if s.requested != "" {
		o.log("the server runs as the user %s, who may not enter %s; its folder is %s", owner.name, s.requested, s.dir)
	}
	if err := s.start(ctx, o, owner); err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options, owner *account) error {
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); err != nil {
		o.log("making a PostgreSQL data folder in %s with %s", s.dir, s.bin)
		if err := s.initdb(ctx, o, owner); err != nil {
			return err
		}
	} else if err := s.readPassword(); err != nil {
		return err
	}
	if err := s.makeSocketDir(owner); err != nil {
		return err
	}
	const attempts = 5             // somebody else may take the free port before the server does
	const dying = 10 * time.Second // how long the children of a killed server may need to end
	begin := time.Now()
	for i := 1; ; i++ {
		err := s.launch(ctx, o, owner)
		switch {
		case err == nil:
			o.log("PostgreSQL listens on 127.0.0.1:%d, log in %s", s.port, s.LogFile())
			return nil
		case errors.Is(err, errPortTaken) && i < attempts:
		case errors.Is(err, errStillDying) && time.Since(begin) < dying:
			select { // the only sign that the children are gone is a start that succeeds
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		default:
			return err
		}
	}
}

// initdb makes the data folder, with a new password.
func (s *Server) initdb(ctx context.Context, o Options, owner *account) error {
	s.password = rand.Text()
	if err := s.writePrivate(s.passwordFile(), s.password, owner); err != nil {
		return err
	}
	args := []string{
		"-D", s.data(), "-U", superuser, "-E", "UTF8", "--locale=" + locale(), "--no-sync",
		"--auth=scram-sha-256", "--pwfile=" + s.passwordFile(),
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), args...)
	cmd.Env, cmd.Dir = environment(), s.dir
	owner.run(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w\n%s", s.dir, err, strings.TrimSpace(string(out)))
	}
	return s.configure(o)
}

// configure appends the settings to postgresql.conf, where a later line overrides an earlier one.
func (s *Server) configure(o Options) error {
	settings := o.settings()
	var b strings.Builder
	b.WriteString("\n# written by pglocal\n")
	for _, name := range sortedKeys(settings) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(b.String())
	return errors.Join(err, f.Close())
}

var (
	errPortTaken  = errors.New("the port was taken")
	errStillDying = errors.New("processes of a server that was killed still use its shared memory")
)

// launch starts the postmaster on a free port and waits until it is ready.
func (s *Server) launch(ctx context.Context, o Options, owner *account) error {
	var err error
	if s.port, err = freePort(); err != nil {
		return err
	}
	log, err := s.openLog(owner)
	if err != nil {
		return err
	}
	defer log.Close()
	from, err := log.Seek(0, 2)
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(),
		"-p", strconv.Itoa(s.port), "-k", s.socketDir, "-h", "127.0.0.1")
	cmd.Env, cmd.Dir = environment(), s.dir
	cmd.Stdout, cmd.Stderr = log, log
	owner.run(cmd)
	tie(cmd, !o.Stay)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.pid, s.done = cmd.Process.Pid, make(chan struct{})
	go func(done chan struct{}) {
		_ = cmd.Wait() // the server's log says how it ended
		close(done)
	}(s.done)
	return s.awaitReady(ctx, from)
}

// awaitReady waits up to two minutes until the last line of postmaster.pid says that the server takes connections. The
// argument logFrom is the size of the server's log before this start.
func (s *Server) awaitReady(ctx context.Context, logFrom int64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			text := s.logSince(logFrom)
			if strings.Contains(text, "Address already in use") {
				return errPortTaken
			}
			if strings.Contains(text, "pre-existing shared memory block") {
				return errStillDying
			}
			return fmt.Errorf("postgres ended while starting:\n%s", text)
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("postgres did not get ready: %w", context.Cause(ctx))
		case <-tick.C:
			if lines, err := s.pidFile(); err == nil && lines[0] == strconv.Itoa(s.pid) && lines[7] == "ready" {
				return nil
			}
		}
	}
}

// URL returns the connection string of a database for the superuser. It contains the password. Never log it.
func (s *Server) URL(db string) string {
	return s.URLFor(superuser, s.password, db)
}

// URLFor returns the connection string of a database for another role.
func (s *Server) URLFor(role, password, db string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, password),
		Host: s.Addr(), Path: "/" + db, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Addr returns the host and port that the server listens on.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// SocketDir returns the folder of the Unix socket.
func (s *Server) SocketDir() string { return s.socketDir }

// BinDir returns the folder of the client programs (pg_dump, pg_restore, psql). Without Docker, the server's programs
// are there too.
func (s *Server) BinDir() string { return s.bin }

// LogFile returns the path of the server's log.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "postgres.log") }

// DataDir returns the server's data folder.
func (s *Server) DataDir() string { return s.data() }

// Pid returns the process id of the postmaster.
func (s *Server) Pid() int { return s.pid }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// environment returns the environment variables for PostgreSQL's programs. It leaves out the PG* variables, because
// they could redirect the programs to another server. With LC_ALL=C, the messages of the programs are in English.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "PG") || strings.HasPrefix(kv, "LC_") || strings.HasPrefix(kv, "LANG")
	})
	return append(env, "LC_ALL=C")
}
