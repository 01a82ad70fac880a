package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// site is one operator's folder: a configuration with the flow "nightly", its rules, key and ledger.
// Every story has its own.
type site struct {
	dir        string
	source     string // URL of production
	target     string // URL of staging
	binary     string
	adopt      string            // of the target environment
	flow       map[string]string // further keys of the flow
	roles      string            // YAML list
	noKey      bool              // a key per run
	extra      string            // further lines of the configuration
	ledgerKeys string            // further keys of its ledger, after a comma
	drafted    bool              // masker.yaml is masker's own draft
	reviewed   bool              // masker.yaml alone may name pg_dump
	env        []string          // further environment of the process
	builds     int               // shadows made by withShadow
	canaries   []string          // texts that may stand in no output and no file of the folder
	traces     string            // URL of the collector that writes what it gets into the folder
}

// newSite makes a folder for a refresh of one database from another, with a key that stays the same.
func newSite(t *testing.T, source, target string) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), source: source, target: target, binary: masker(t), flow: map[string]string{}}
	s.collect(t)
	s.write(t, "keys/default.key", "kQmYw2m8l0m1hN0sB5mZ0Qe7u4s0u0cJ0y1rXo8v3uE=\n", 0o600)
	return s
}

func (s *site) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// rules writes the rule file.
func (s *site) rules(t *testing.T, text string) *site {
	t.Helper()
	s.write(t, "rules.yaml", text, 0o600)
	return s
}

// rulesFrom takes committed rules.
func (s *site) rulesFrom(t *testing.T, file string) *site {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return s.rules(t, string(data))
}

// config is the text of masker.yaml. The URLs come by the environment, as an operator would do it.
func (s *site) config() string {
	var b strings.Builder
	b.WriteString("environments:\n  production: {kind: production, url: \"${PRODUCTION_URL}\"}\n")
	b.WriteString("  staging: {kind: staging, url: \"${STAGING_URL}\"")
	if s.adopt != "" {
		fmt.Fprintf(&b, ", adopt: %q", s.adopt)
	}
	b.WriteString("}\n")
	if !s.noKey {
		b.WriteString("keys: {default: {file: keys/default.key}}\n")
	}
	if s.roles != "" {
		b.WriteString("roles: " + s.roles + "\n")
	}
	if s.watched() {
		b.WriteString("metrics: {textfile: ., listen: \"127.0.0.1:0\"}\n")
	}
	b.WriteString(s.extra + "ledger: {path: ledger/" + s.ledgerKeys + "}\n")
	b.WriteString("flows:\n  nightly:\n    from: production\n    to: staging\n    rules: [rules.yaml]\n")
	b.WriteString("    approvals: {required: 0}\n    verify: off\n    allow: [equal-credentials, source-can-write, target-reads-source] # the stories mostly run as one superuser\n")
	for _, key := range sortedKeys(s.flow) {
		fmt.Fprintf(&b, "    %s: %s\n", key, s.flow[key])
	}
	if s.watched() {
		tee, err := exec.LookPath("tee") // a story may take masker's PATH away
		if err != nil {
			panic("there is no tee on this machine")
		}
		fmt.Fprintf(&b, "    notify: [{command: [%q, -a, notified.jsonl], on: [start, finish, refusal, failure]}]\n", tee)
	}
	return b.String()
}

// watched is true of a story with canaries: whatever it is told by notification, by metrics and by trace lies in its
// folder then, where the sweep looks.
func (s *site) watched() bool { return len(s.canaries) > 0 && s.flow["notify"] == "" }

// collect takes traces as a collector does, and keeps them in the folder.
func (s *site) collect(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := os.OpenFile(filepath.Join(s.dir, "traces.pb"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.Copy(f, r.Body)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			t.Errorf("keeping a trace: %v", err)
		}
	}))
	t.Cleanup(server.Close)
	s.traces = server.URL
}

// outcome is how a process of masker ended.
type outcome struct {
	code           int // -1 where a signal ended it
	stdout, stderr string
}

// refusal is the last line of what masker told: why it did not do what it was asked.
func (o outcome) refusal() string {
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "masker: ")
}

func (o outcome) String() string {
	return fmt.Sprintf("exit %d\n--- stdout\n%s\n--- stderr\n%s", o.code, o.stdout, o.stderr)
}

// process is a masker that runs beside the test.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	done           chan error
}

// start runs masker in the folder. It ends with the test.
func (s *site) start(t *testing.T, args ...string) *process {
	t.Helper()
	if !s.drafted {
		s.write(t, "masker.yaml", s.config(), 0o600)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // a hang is a failure, not a pause
	p := &process{cmd: exec.CommandContext(ctx, s.binary, args...), done: make(chan error, 1)}
	p.cmd.Dir = s.dir
	env := cleanEnv()
	if s.reviewed {
		env = slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "MASKER_PG_BIN=") })
	}
	p.cmd.Env = append(env, "PRODUCTION_URL="+s.source, "STAGING_URL="+s.target)
	if s.watched() {
		p.cmd.Env = append(p.cmd.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+s.traces)
	}
	p.cmd.Env = append(p.cmd.Env, s.env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer cancel()
		p.done <- p.cmd.Wait()
	}()
	return p
}

// cleanEnv is the process's environment without what could steer masker or its children.
func cleanEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "MASKER_") && !strings.HasPrefix(kv, "PG") {
			env = append(env, kv)
		}
	}
	if bin := os.Getenv("MASKER_PG_BIN"); bin != "" {
		env = append(env, "MASKER_PG_BIN="+bin)
	}
	return env
}

// wait returns how the process ended.
func (p *process) wait(t *testing.T) outcome {
	t.Helper()
	err := <-p.done
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("masker %s: %v", strings.Join(p.cmd.Args[1:], " "), err)
	}
	return outcome{p.cmd.ProcessState.ExitCode(), p.stdout.String(), p.stderr.String()}
}

func (p *process) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatalf("signal %v: %v", sig, err)
	}
}

// masker runs one verb to its end. Whatever comes of it, no canary may have come out (L1).
func (s *site) masker(t *testing.T, args ...string) outcome {
	t.Helper()
	o := s.start(t, args...).wait(t)
	s.sweep(t, o)
	return o
}

// refresh runs the flow.
func (s *site) refresh(t *testing.T, flags ...string) outcome {
	t.Helper()
	return s.masker(t, append([]string{"run", "--flow", "nightly"}, flags...)...)
}

// mustRefresh runs the flow and expects it to be published.
func (s *site) mustRefresh(t *testing.T, flags ...string) outcome {
	t.Helper()
	o := s.refresh(t, flags...)
	if o.code != exitDone {
		t.Fatalf("the refresh failed: %v", o)
	}
	return o
}

// The exit codes of the documentation.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
	exitBusy    = 5
)

// want checks how a run ended and that stderr or stdout says these words.
func (o outcome) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	for _, w := range words {
		if !strings.Contains(o.stderr, w) && !strings.Contains(o.stdout, w) {
			t.Errorf("nothing says %q", w)
		}
	}
	if t.Failed() {
		t.Fatalf("%v", o)
	}
}

// edit replaces a text of a file that must be there.
func (s *site) edit(t *testing.T, name, old, now string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	s.write(t, name, strings.Replace(string(data), old, now, 1), 0o600)
}
