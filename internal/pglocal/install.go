package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Ensure makes sure that Start can work: with the machine's own programs, else through Docker, else by
// installing the platform's package. It tells log what it found or is about to do.
func Ensure(ctx context.Context, log func(string)) error {
	if dir, err := BinDir(); err == nil {
		log("PostgreSQL: this machine's own programs in " + dir)
		return nil
	} else if !errors.Is(err, ErrNoBinaries) {
		return err
	}
	if DockerAnswers(ctx) {
		log("PostgreSQL: no programs on this machine, but Docker answers: using the image " + Image())
		return nil
	}
	return install(ctx, log)
}

// installer is how one platform gets PostgreSQL's server and client programs.
type installer struct {
	program string // its presence names the platform
	lines   [][]string
	asRoot  bool
}

func installers() []installer {
	return []installer{
		{"apt-get", [][]string{{"apt-get", "update", "-qq"}, {"apt-get", "install", "-y", "-qq", "postgresql"}}, true},
		{"dnf", [][]string{{"dnf", "install", "-y", "-q", "postgresql-server", "postgresql-contrib"}}, true},
		{"apk", [][]string{{"apk", "add", "--quiet", "postgresql", "postgresql-contrib", "postgresql-client"}}, true},
		{"brew", [][]string{{"brew", "install", "--quiet", "postgresql@17"}}, false},
	}
}

func install(ctx context.Context, log func(string)) error {
	for _, in := range installers() {
		if _, err := exec.LookPath(in.program); err != nil {
			continue
		}
		for _, line := range in.lines {
			line, err := privileged(line, in.asRoot)
			if err != nil {
				return err
			}
			log("PostgreSQL: not found, and no Docker: running " + strings.Join(line, " "))
			cmd := exec.CommandContext(ctx, line[0], line[1:]...)
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s: %w\n%s", strings.Join(line, " "), err, lastLines(string(out), 5))
			}
		}
		dir, err := BinDir()
		if err == nil {
			log("PostgreSQL: installed in " + dir)
		}
		return err
	}
	return ErrNoBinaries
}

// privileged puts sudo before a line that needs root; -n because nobody may be there to type a password.
func privileged(line []string, asRoot bool) ([]string, error) {
	if !asRoot || os.Geteuid() == 0 {
		return line, nil
	}
	if _, err := exec.LookPath("sudo"); err != nil {
		return nil, fmt.Errorf("%w; as root: %s", ErrNoBinaries, strings.Join(line, " "))
	}
	return append([]string{"sudo", "-n"}, line...), nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
