//go:build unix

package notify

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func shell(t *testing.T, script string, args ...string) Channel {
	t.Helper()
	return channel(t, Spec{Command: append([]string{"/bin/sh", "-c", script, "notify"}, args...)})
}

func TestCommandGetsTheMessageAndNoSecrets(t *testing.T) {
	t.Setenv("REFRESH_WEBHOOK", canary)
	dir := t.TempDir()
	c := shell(t, `cat > "$1/stdin"; env > "$1/env"`, dir)
	if failed := quick().Send(t.Context(), []Channel{c}, finished()); failed != nil {
		t.Fatal(failed)
	}
	body, err := os.ReadFile(filepath.Join(dir, "stdin"))
	var m Message
	if err != nil || json.Unmarshal(body, &m) != nil || m.Flow != "nightly" {
		t.Errorf("%v: got %s", err, body)
	}
	env, err := os.ReadFile(filepath.Join(dir, "env"))
	if err != nil || strings.Contains(string(env), canary) || !strings.Contains(string(env), "MASKER_EVENT=finish\n") {
		t.Errorf("%v: got %s", err, env)
	}
}

func TestHostileNamesReachCommandsAsOneLine(t *testing.T) {
	dir := t.TempDir()
	m := loud()
	m.Event = EventFailure
	if failed := quick().Send(t.Context(), []Channel{shell(t, `cat > /dev/null; printf %s "$MASKER_FLOW" > "$1/flow"`, dir)}, m); failed != nil {
		t.Fatal(failed)
	}
	flow, err := os.ReadFile(filepath.Join(dir, "flow"))
	if err != nil || strings.ContainsAny(string(flow), "\x1b\r\n\x00") || len(flow) == 0 {
		t.Errorf("%v: got %q", err, flow)
	}
}

// The child process holds a pipe open. The test reads until the pipe is closed, so it does not wait for a fixed time.
func TestHangingCommandIsKilledWithItsChildren(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	c := shell(t, `(echo alive; exec sleep 600) > "$1" & wait`, path)
	s := impatient()
	s.Attempts, s.Attempt = 1, 2*time.Second
	failed := s.Send(t.Context(), []Channel{c}, finished())
	if len(failed) != 1 || failed[0].Why != "it did not end in time and was killed" {
		t.Errorf("got %v", failed)
	}
	if err := held.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(held); err != nil || string(said) != "alive\n" {
		t.Errorf("the child process printed %q and still runs: %v", said, err)
	}
}

func TestFloodingCommandIsNotRead(t *testing.T) {
	c := shell(t, `head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2`)
	if failed := quick().Send(t.Context(), []Channel{c}, finished()); failed != nil {
		t.Error(failed)
	}
}

func TestFailingCommandIsTriedAgainAndNotQuoted(t *testing.T) {
	dir := t.TempDir()
	c := shell(t, `echo >> "$1/tries"; echo "$2" >&2; exit 7`, dir, canary)
	failed := quick().Send(t.Context(), []Channel{c}, finished())
	if len(failed) != 1 || failed[0].Why != "it ended with an error (3 attempts)" {
		t.Errorf("got %v", failed)
	}
	if tries, err := os.ReadFile(filepath.Join(dir, "tries")); err != nil || len(tries) != 3 {
		t.Errorf("%v: %d tries", err, len(tries))
	}
}

// R8: the path of a program is relative to the configuration's folder, and not to the folder in which masker was
// started. A name without a slash is searched in the given path.
func TestR8AProgramIsFoundWhereTheConfigurationSays(t *testing.T) {
	dir, here := t.TempDir(), t.TempDir()
	for _, at := range []string{dir, here} {
		if err := os.WriteFile(filepath.Join(at, "tell"), []byte("#!/bin/sh\necho \"$PATH\" > "+at+"/told\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(here)
	t.Setenv("PATH", here+":"+os.Getenv("PATH"))
	for _, name := range []string{"./tell", "tell"} {
		c, err := New(Spec{Command: []string{name}}, dir, dir+":/usr/bin:/bin")
		if err != nil {
			t.Fatal(err)
		}
		if failed := quick().Send(t.Context(), []Channel{c}, finished()); failed != nil {
			t.Fatal(failed)
		}
		told, err := os.ReadFile(filepath.Join(dir, "told"))
		if err != nil || string(told) != dir+":/usr/bin:/bin\n" {
			t.Errorf("%s: %q, %v", name, told, err)
		}
		if _, err := os.Stat(filepath.Join(here, "told")); err == nil {
			t.Errorf("%s: the program of the folder masker was started in ran", name)
		}
	}
}
