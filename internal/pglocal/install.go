package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Ensure makes sure that Start can work. It looks for PostgreSQL programs on this machine, then for Docker. If there is
// neither, it installs the package of the platform. It calls log with what it found and with what it is about to do.
func Ensure(ctx context.Context, log func(string)) error {
	if dir, err := BinDir(); err == nil {
		log("PostgreSQL: using the programs in " + dir)
		return nil
	} else if !errors.Is(err, ErrNoBinaries) {
		return err
	}
	if DockerAnswers(ctx) {
		log("PostgreSQL: no programs on this machine; using Docker with the image " + Image())
		return nil
	}
	return install(ctx, log)
}

// installer says how to install PostgreSQL's server and client programs on one platform.
type installer struct {
	program string // the package manager; the installer is only for machines that have this program
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
			log("PostgreSQL: no programs and no Docker on this machine; running " + strings.Join(line, " "))
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

// privileged puts sudo before a command that needs root. The flag -n of sudo prevents the question for a password,
// because there may be nobody to answer it.
func privileged(line []string, asRoot bool) ([]string, error) {
	if !asRoot || os.Geteuid() == 0 {
		return line, nil
	}
	if _, err := exec.LookPath("sudo"); err != nil {
		return nil, fmt.Errorf("%w; to install it, run as root: %s", ErrNoBinaries, strings.Join(line, " "))
	}
	return append([]string{"sudo", "-n"}, line...), nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
