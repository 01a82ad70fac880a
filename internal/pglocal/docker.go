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

// Image returns the Docker image to start a server from: $MASKER_PG_IMAGE, or the official image if the variable is not
// set.
func Image() string {
	if image := os.Getenv("MASKER_PG_IMAGE"); image != "" {
		return image
	}
	return "postgres:17-alpine"
}

// DockerAnswers reports whether a Docker daemon answers within 10 seconds.
func DockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}

// startDocker runs the server in a container, for a machine that has Docker but no PostgreSQL programs. In this case
// BinDir of the server is a folder of small scripts, which run pg_dump and the other client programs in the container.
// The port is the same inside and outside the container, so that pg_dump and masker use the same address. A server in a
// container always starts empty. Dir has only the scripts, the password, and a file that names the container.
func startDocker(ctx context.Context, o Options) (*Server, error) {
	s := &Server{dir: o.Dir, password: rand.Text()}
	self := &account{uid: os.Geteuid(), gid: os.Getegid()}
	if err := s.makeDir(self, false); err != nil {
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
	// Other users can read the arguments of a process, but not its environment variables.
	cmd.Env = append(os.Environ(), "POSTGRES_PASSWORD="+s.password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("docker run %s: %w\n%s", Image(), err, lastLines(string(out), 5))
	}
	return os.WriteFile(filepath.Join(s.dir, "container"), []byte(s.container+"\n"+port+"\n"), 0o600)
}

// awaitContainer tries to connect for up to two minutes. The image starts the server twice, the first time without TCP,
// so the first attempts fail.
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

// writeShims writes scripts that run the client programs inside the container.
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

// removeContainer removes the container. If graceful is true, the server gets up to 20 seconds to shut down first.
func (s *Server) removeContainer(graceful bool) error {
	if graceful {
		_ = exec.Command("docker", "stop", "--time", "20", s.container).Run()
	}
	out, err := exec.Command("docker", "rm", "--force", s.container).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "No such container") && !strings.Contains(string(out), "already in progress") {
		return fmt.Errorf("docker rm: %w\n%s", err, lastLines(string(out), 2))
	}
	return nil
}

// openDocker reads the file that runContainer wrote. The result found is false if the server does not run in Docker.
func (s *Server) openDocker() (found bool, err error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "container"))
	if err != nil {
		return false, nil
	}
	f := strings.Fields(string(text))
	if len(f) != 2 {
		return true, fmt.Errorf("%s/container is damaged; remove the folder and start again", s.dir)
	}
	s.container, s.bin = f[0], filepath.Join(s.dir, "bin")
	s.port, err = strconv.Atoi(f[1])
	return true, err
}
