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
	"sync"
	"syscall"
	"testing"
	"time"
)

// site is an operator's folder: a configuration with the flow nightly, its rules, key and ledger. Every test has its
// own.
type site struct {
	dir        string
	source     string // URL of production
	target     string // URL of staging
	binary     string
	adopt      string            // the setting adopt of the target environment
	flow       map[string]string // further settings of the flow
	roles      string            // the setting roles, as a YAML list
	superuser  bool              // the flow allows reaching code of the source to run as a superuser
	noKey      bool              // the configuration has no key
	extra      string            // further lines of the configuration
	ledgerKeys string            // further settings of the ledger in masker.yaml, after a comma
	drafted    bool              // masker.yaml exists; start does not write it
	reviewed   bool              // only masker.yaml may name pg_dump
	env        []string          // further environment variables of masker
	builds     int               // number of shadows that withShadow has made
	canaries   []string          // texts that must be in no output and no file of the folder
	traces     string            // URL of the collector, which writes traces into the folder
}

// newSite makes a folder for refreshes of one database from another, with a key that is the same in all tests.
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

// rulesFrom writes the rule file with rules from testdata.
func (s *site) rulesFrom(t *testing.T, file string) *site {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return s.rules(t, string(data))
}

// config returns the text of masker.yaml. The URLs are in environment variables, as usual for operators.
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
	if s.monitored() {
		b.WriteString("metrics: {textfile: ., listen: \"127.0.0.1:0\"}\n")
	}
	b.WriteString(s.extra + "ledger: {path: ledger/" + s.ledgerKeys + "}\n")
	b.WriteString("flows:\n  nightly:\n    from: production\n    to: staging\n    rules: [rules.yaml]\n")
	allow := "equal-credentials, source-can-write, target-reads-source" // most tests use one superuser
	if s.superuser {
		allow += ", superuser-target"
	}
	b.WriteString("    approvals: {required: 0}\n    allow: [" + allow + "]\n")
	if s.flow["verify"] == "" {
		b.WriteString("    verify: off\n")
	}
	for _, key := range sortedKeys(s.flow) {
		fmt.Fprintf(&b, "    %s: %s\n", key, s.flow[key])
	}
	if s.monitored() {
		tee, err := exec.LookPath("tee") // some tests remove masker's PATH
		if err != nil {
			panic("there is no tee on this machine")
		}
		fmt.Fprintf(&b, "    notify: [{command: [%q, -a, notified.jsonl], on: [start, finish, refusal, failure, rollback, retire]}]\n", tee)
	}
	return b.String()
}

// monitored reports whether masker writes notifications, metrics and traces into the folder. Masker writes these
// files in tests with canaries, so that sweep searches them too.
func (s *site) monitored() bool { return len(s.canaries) > 0 && s.flow["notify"] == "" }

// collect starts a collector that writes traces into the folder.
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
			t.Errorf("writing a trace: %v", err)
		}
	}))
	t.Cleanup(server.Close)
	s.traces = server.URL
}

// outcome is the exit code and the output of a masker process.
type outcome struct {
	code           int // -1 if a signal ended the process
	stdout, stderr string
}

// refusal returns the last line of stderr, without "masker: ". This line says why masker failed.
func (o outcome) refusal() string {
	lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "masker: ")
}

func (o outcome) String() string {
	return fmt.Sprintf("exit %d\n--- stdout\n%s\n--- stderr\n%s", o.code, o.stdout, o.stderr)
}

// process is a masker process that runs while the test continues.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr output
	done           chan error
}

// output is the output of a process. A test may read it while the process runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts masker in the folder. The process ends when the test ends, or before.
func (s *site) start(t *testing.T, args ...string) *process {
	t.Helper()
	if !s.drafted {
		s.write(t, "masker.yaml", s.config(), 0o600)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // a process that hangs fails the test
	p := &process{cmd: exec.CommandContext(ctx, s.binary, args...), done: make(chan error, 1)}
	p.cmd.Dir = s.dir
	env := cleanEnv()
	if s.reviewed {
		env = slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "MASKER_PG_BIN=") })
	}
	p.cmd.Env = append(env, "PRODUCTION_URL="+s.source, "STAGING_URL="+s.target)
	if s.monitored() {
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

// cleanEnv returns the environment variables of the tests without those that masker or PostgreSQL's programs read. It
// keeps only MASKER_PG_BIN of them.
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

// wait waits for the end of the process.
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

// masker runs one verb. Afterwards it searches the output and the folder for canaries (L1).
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

// mustRefresh runs the flow, and fails the test if the exit code is not 0.
func (s *site) mustRefresh(t *testing.T, flags ...string) outcome {
	t.Helper()
	o := s.refresh(t, flags...)
	if o.code != exitDone {
		t.Fatalf("the refresh failed: %v", o)
	}
	return o
}

// The exit codes that the documentation lists.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitRefused    = 3
	exitUnverified = 4
	exitBusy       = 5
	exitLate       = 6
)

// want checks the exit code, and that stderr or stdout has these words.
func (o outcome) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	for _, w := range words {
		if !strings.Contains(o.stderr, w) && !strings.Contains(o.stdout, w) {
			t.Errorf("the output lacks %q", w)
		}
	}
	if t.Failed() {
		t.Fatalf("%v", o)
	}
}

// edit replaces the first occurrence of a text in a file. The text must be there.
func (s *site) edit(t *testing.T, name, old, now string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s lacks %q", name, old)
	}
	s.write(t, name, strings.Replace(string(data), old, now, 1), 0o600)
}
