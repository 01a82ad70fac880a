package pglocal

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Image is what a server in Docker is made of: $MASKER_PG_IMAGE, else the official one.
func Image() string {
	if image := os.Getenv("MASKER_PG_IMAGE"); image != "" {
		return image
	}
	return "postgres:17-alpine"
}

// DockerAnswers tells whether a Docker daemon takes requests.
func DockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}

// startDocker runs the server in a container, for a machine that has Docker and none of PostgreSQL's
// programs. The port is the same inside and outside, so that pg_dump in the container takes the same
// address as masker outside; BinDir then holds small scripts that run it there.
// Such a server always starts empty, and Dir only holds those scripts and the password.
func startDocker(ctx context.Context, o Options) (*Server, error) {
	s := &Server{dir: o.Dir, password: rand.Text()}
	self := &account{uid: os.Geteuid(), gid: os.Getegid()}
	if err := s.makeDir(self); err != nil {
		return nil, err
	}
	if err := s.writePrivate(s.passwordFile(), s.password, self); err != nil {
		return nil, err
	}
	var err error
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	s.container = "masker-pg-" + strconv.Itoa(s.port)
	if err := s.runContainer(ctx, o); err != nil {
		s.removeTemporary()
		return nil, err
	}
	if err := s.awaitContainer(ctx); err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, s.writeShims()
}

func (s *Server) runContainer(ctx context.Context, o Options) error {
	port := strconv.Itoa(s.port)
	args := []string{
		"run", "--detach", "--rm", "--name", s.container, "--publish", "127.0.0.1:" + port + ":" + port,
		"--env", "POSTGRES_PASSWORD", "--env", "PGPORT=" + port, Image(), "postgres", "-c", "port=" + port,
	}
	for _, name := range sortedKeys(o.settings()) {
		args = append(args, "-c", name+"="+o.settings()[name])
	}
	o.log("starting PostgreSQL in Docker: image %s, container %s", Image(), s.container)
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Env = append(os.Environ(), "POSTGRES_PASSWORD="+s.password) // not in argv, which others can read
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("docker run %s: %w\n%s", Image(), err, lastLines(string(out), 5))
	}
	return os.WriteFile(filepath.Join(s.dir, "container"), []byte(s.container+"\n"+port+"\n"), 0o600)
}

// awaitContainer connects until it works: the image starts the server twice, at first without TCP.
func (s *Server) awaitContainer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := pgx.Connect(ctx, s.URL("postgres")); err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			out, _ := exec.Command("docker", "logs", "--tail", "5", s.container).CombinedOutput()
			return fmt.Errorf("PostgreSQL in Docker did not get ready: %w\n%s", ctx.Err(), out)
		case <-tick.C:
		}
	}
}

// writeShims makes scripts that run the client programs inside the container.
func (s *Server) writeShims() error {
	s.bin = filepath.Join(s.dir, "bin")
	if err := os.MkdirAll(s.bin, 0o700); err != nil {
		return err
	}
	pass := ""
	for _, name := range []string{"PGPASSWORD", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSSLMODE", "PGOPTIONS", "PGAPPNAME", "PGCLIENTENCODING"} {
		pass += " -e " + name
	}
	for _, name := range []string{"pg_dump", "pg_restore", "psql", "vacuumdb"} {
		text := fmt.Sprintf("#!/bin/sh\nexec docker exec -i%s %s %s \"$@\"\n", pass, s.container, name)
		if err := os.WriteFile(filepath.Join(s.bin, name), []byte(text), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) removeContainer(signal bool) error {
	if signal {
		_ = exec.Command("docker", "stop", "--time", "20", s.container).Run()
	}
	out, err := exec.Command("docker", "rm", "--force", s.container).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "No such container") && !strings.Contains(string(out), "already in progress") {
		return fmt.Errorf("docker rm: %w\n%s", err, lastLines(string(out), 2))
	}
	return nil
}

// openDocker reads what runContainer wrote.
func (s *Server) openDocker() (found bool, err error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "container"))
	if err != nil {
		return false, nil // not in Docker
	}
	f := strings.Fields(string(text))
	if len(f) != 2 {
		return true, fmt.Errorf("%s/container is damaged", s.dir)
	}
	s.container, s.bin = f[0], filepath.Join(s.dir, "bin")
	s.port, err = strconv.Atoi(f[1])
	return true, err
}
