package integration

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/postgres"

	"github.com/masker-project/masker/internal/pglocal"
)

// server is the PostgreSQL server that all tests share. Each test makes its own databases.
type server struct {
	how  string // describes the server for the output
	base url.URL
	bin  string // folder of pg_dump and psql, on this machine
	stop func() error

	container bool // the server runs in a container, where its port is 5432
}

// shared is the server. TestMain sets it before any test runs.
var shared *server

func TestMain(m *testing.M) {
	code, err := runWithServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		code = 1
	}
	os.Exit(code)
}

func runWithServer(m *testing.M) (code int, err error) {
	ctx := context.Background()
	if shared, err = startServer(ctx); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, shared.stop()) }()
	fmt.Println("integration: PostgreSQL from", shared.how)
	// Masker takes pg_dump from PATH. Debian's /usr/bin/pg_dump is a script in Perl, which needs more time than pg_dump
	// itself.
	if err := os.Setenv("PATH", shared.bin+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		return 1, err
	}
	if _, err := os.Stat(dataDir); err != nil {
		fmt.Printf("integration: there is no %s, so the tests with public databases are skipped\n", dataDir)
	}
	if binaries, err = os.MkdirTemp("", "masker-tests-"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(binaries)) }()
	return m.Run(), nil
}

// startServer starts the server that MASKER_TEST_SERVER names: docker or local. Without the variable, it uses Docker
// if a Docker daemon answers.
func startServer(ctx context.Context) (*server, error) {
	want := os.Getenv("MASKER_TEST_SERVER")
	if want != "local" {
		s, err := startContainer(ctx, want == "docker")
		if err == nil {
			return s, nil
		}
		if want == "docker" {
			return nil, fmt.Errorf("MASKER_TEST_SERVER=docker: %w", err)
		}
		fmt.Println("integration: testcontainers-go cannot start a server:", err)
	}
	s, err := pglocal.Start(ctx, pglocal.Options{Fast: true, Settings: map[string]string{"max_connections": "200", "max_prepared_transactions": "5"}})
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(s.URL("postgres"))
	if err != nil {
		return nil, err
	}
	return &server{how: "this machine's programs in " + s.BinDir(), base: *base, bin: s.BinDir(), stop: s.Stop}, nil
}

// startContainer starts the server in a container. If pull is false, it uses only an image that the machine already
// has, because a machine without a registry would wait for minutes.
func startContainer(ctx context.Context, pull bool) (*server, error) {
	if !pglocal.DockerAnswers(ctx) {
		return nil, errors.New("no Docker daemon answers")
	}
	bin, err := pglocal.BinDir()
	if err != nil {
		return nil, fmt.Errorf("masker needs pg_dump on this machine: %w", err)
	}
	image, err := imageFor(ctx, bin)
	if err != nil {
		return nil, err
	}
	if !pull && exec.CommandContext(ctx, "docker", "image", "inspect", image).Run() != nil {
		return nil, fmt.Errorf("this machine does not have the image %[1]s; run docker pull %[1]s, or set MASKER_PG_IMAGE", image)
	}
	password := rand.Text()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	c, err := postgres.Run(ctx, image, postgres.WithPassword(password), postgres.BasicWaitStrategies(),
		testcontainers.WithCmdArgs("-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=200", "-c", "max_prepared_transactions=5"))
	if err != nil {
		return nil, errors.Join(err, testcontainers.TerminateContainer(c))
	}
	text, err := c.ConnectionString(ctx, "sslmode=disable")
	if err != nil {
		return nil, errors.Join(err, testcontainers.TerminateContainer(c))
	}
	base, err := url.Parse(text)
	if err != nil {
		return nil, errors.Join(errors.New("testcontainers-go gave a malformed URL"), testcontainers.TerminateContainer(c))
	}
	return &server{
		how: "testcontainers-go, image " + image, base: direct(ctx, c, *base), bin: bin, container: true,
		stop: func() error { return testcontainers.TerminateContainer(c) },
	}, nil
}

// direct returns the URL of the server at the container's own address, if this machine can connect to it. Otherwise, as
// on Docker Desktop, it returns the URL of the published port. Every byte to and from a published port passes through
// a process of Docker, which takes processor time from the tests.
func direct(ctx context.Context, c testcontainers.Container, published url.URL) url.URL {
	ip, err := c.ContainerIP(ctx)
	if err != nil || ip == "" {
		return published
	}
	own := published
	own.Host = net.JoinHostPort(ip, "5432")
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, own.String())
	if err != nil {
		return published
	}
	_ = conn.Close(ctx) // it has shown that the address is the server's
	return own
}

var majorVersion = regexp.MustCompile(`\) (\d+)`)

// imageFor returns the image that MASKER_PG_IMAGE names. Without the variable, it returns an image with the major
// version of the machine's pg_dump, because pg_dump refuses newer servers.
func imageFor(ctx context.Context, bin string) (string, error) {
	if image := os.Getenv("MASKER_PG_IMAGE"); image != "" {
		return image, nil
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "pg_dump"), "--version").Output()
	if err != nil {
		return "", fmt.Errorf("pg_dump --version: %w", err)
	}
	found := majorVersion.FindSubmatch(out)
	if found == nil {
		return "", fmt.Errorf("cannot read pg_dump's version from %q", out)
	}
	major, err := strconv.Atoi(string(found[1]))
	return fmt.Sprintf("postgres:%d-alpine", major), err
}

// url returns the superuser's connection URL of a database.
func (s *server) url(db string) string {
	u := s.base
	u.Path = "/" + db
	return u.String()
}

// command returns a command that runs one of PostgreSQL's programs on a database. The password is in an environment
// variable.
func (s *server) command(ctx context.Context, db, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	password, _ := s.base.User.Password()
	cmd.Env = append(os.Environ(), "PGHOST="+s.base.Hostname(), "PGPORT="+s.base.Port(),
		"PGUSER="+s.base.User.Username(), "PGPASSWORD="+password, "PGDATABASE="+db, "PGSSLMODE=disable")
	return cmd
}

// Server returns the shared server. A test that kills or configures a server starts its own with pglocal.
func Server(t testing.TB) *server {
	t.Helper()
	return shared
}

// inside and insidePort return the address at which the server can connect to itself, even in a container.
func (s *server) inside() string { return "127.0.0.1" }

func (s *server) insidePort() string {
	if s.container {
		return "5432"
	}
	return s.base.Port()
}
