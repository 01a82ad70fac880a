package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

const schedule = "../../examples/schedule/"

// mutation is a change that makes an example wrong. The lint of the example must find it.
type mutation struct{ old, new string }

// checkLint checks that a lint finds nothing in an example, and finds each of the mutations.
func checkLint(t *testing.T, file string, lint func([]byte) []string, wrong []mutation) {
	t.Helper()
	data := fileOf(t, schedule+file)
	for _, p := range lint(data) {
		t.Errorf("%s: %s", file, p)
	}
	for _, m := range wrong {
		broken := bytes.Replace(data, []byte(m.old), []byte(m.new), 1)
		if bytes.Equal(broken, data) {
			t.Errorf("%s does not have %q", file, m.old)
		}
		if len(lint(broken)) == 0 {
			t.Errorf("%s: the lint finds nothing if %q is replaced with %q", file, m.old, m.new)
		}
	}
}

// callProblems returns the problems of a call of masker: unknown verbs and flags, and a flow or a configuration that
// the examples do not have.
func callProblems(words []string) []string {
	root := (&app{}).root()
	if err := parsed(root, words); err != nil {
		return []string{fmt.Sprintf("masker %s: %v", strings.Join(words, " "), err)}
	}
	cmd, _, err := root.Find(words)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	if f := cmd.Flags().Lookup("flow"); f != nil && f.Value.String() != "nightly" {
		problems = append(problems, fmt.Sprintf("masker %s: masker.yaml has no flow %q", strings.Join(words, " "), f.Value))
	}
	if file := cmd.Flags().Lookup("config").Value.String(); file != "/etc/masker/masker.yaml" {
		problems = append(problems, fmt.Sprintf("masker %s: the configuration is not in %s", strings.Join(words, " "), file))
	}
	return problems
}

// scheduled reads the configuration that all examples share, with the environment variables of the examples.
func scheduled(t *testing.T) *config {
	t.Helper()
	c, err := loadConfig(schedule+"masker.yaml", exampleEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exampleEnv returns the variables that a shell, such as cron's, reads from nightly.env.
func exampleEnv(t *testing.T) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", `set -a; . "$1"; env`, "sh", schedule+"nightly.env")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return environ(strings.Split(strings.TrimSpace(string(out)), "\n"))
}

func TestTheScheduledConfigurationLoads(t *testing.T) {
	c := scheduled(t)
	for name, user := range map[string]string{"production": "masker_reader", "staging": "masker_refresher"} {
		url, err := c.URL(name)
		if err != nil || !strings.HasPrefix(url, "postgres://"+user+"@") || !strings.Contains(url, "sslrootcert=") {
			t.Errorf("the URL of %s is %q: %v", name, url, err)
		}
	}
	f, ok := c.Flows["nightly"]
	if !ok || f.Approvals.Required == nil || *f.Approvals.Required < 1 {
		t.Errorf("the example moves production data without an approval: %+v", f)
	}
	if err := c.GuardFlow("nightly", f).Check(); err != nil {
		t.Error(err)
	}
	dir, o, err := c.ledgerAt()
	if err != nil || o.Signer == "" || filepath.Dir(o.Signer) == dir {
		t.Errorf("the signing key is in the ledger's folder: %s, %v", o.Signer, err)
	}
	broken := filepath.Join(t.TempDir(), "masker.yaml")
	text := bytes.Replace(fileOf(t, schedule+"masker.yaml"), []byte("textfile:"), []byte("textfiel:"), 1)
	if err := os.WriteFile(broken, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadConfig(broken, nil); err == nil {
		t.Error("an unknown key is accepted")
	}
}

// directives returns the directives that the examples use, by section. systemd.service(5), systemd.exec(5) and other
// manual pages of systemd list them.
func directives() map[string]string {
	return map[string]string{
		"[Unit]": "Description Documentation Wants After",
		"[Service]": "Type User Group Restart ExecStart EnvironmentFile LoadCredential Environment KillMode TimeoutStartSec TimeoutStopSec " +
			"LimitCORE MemorySwapMax MemoryMax StateDirectory UMask ProtectSystem ProtectHome PrivateTmp PrivateDevices RestrictAddressFamilies " +
			"CapabilityBoundingSet AmbientCapabilities NoNewPrivileges LockPersonality MemoryDenyWriteExecute ProtectClock ProtectControlGroups " +
			"ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables ProtectProc RemoveIPC RestrictNamespaces RestrictRealtime " +
			"RestrictSUIDSGID SystemCallArchitectures SystemCallFilter SystemCallErrorNumber",
		"[Timer]":   "OnCalendar RandomizedDelaySec Persistent",
		"[Install]": "WantedBy",
	}
}

// units reads a unit file. It is stricter than systemd: a directive that is there twice is a
// problem, and a line that continues in the next line is a problem, too.
func units(data []byte) (map[string]string, []string) {
	var problems []string
	found, known, section := map[string]string{}, directives(), ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		name, value, setting := strings.Cut(line, "=")
		_, twice := found[name]
		switch {
		case strings.HasSuffix(line, `\`):
			problems = append(problems, "the line continues in the next line: "+line)
		case line == "" || strings.ContainsAny(line[:1], "#;"):
		case known[line] != "":
			section = line
		case !setting || !slices.Contains(strings.Fields(known[section]), name):
			problems = append(problems, fmt.Sprintf("unknown directive in section %q: %s", section, line))
		case twice:
			problems = append(problems, name+" is there twice")
		default:
			found[name] = strings.TrimSpace(value)
		}
	}
	return found, problems
}

// lacks returns a problem for each setting that is missing or has another value than wanted.
func lacks(found, want map[string]string) []string {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have, ok := found[name]; !ok || have != want[name] {
			problems = append(problems, fmt.Sprintf("%s is %q, want %q", name, have, want[name]))
		}
	}
	return problems
}

func lintService(data []byte) []string {
	found, problems := units(data)
	want := map[string]string{
		"Type": "oneshot", "Restart": "no", "User": "masker", "LimitCORE": "0", "MemorySwapMax": "0", "KillMode": "mixed",
		"NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "ProtectSystem": "strict", "UMask": "0077",
		"StateDirectory": "masker masker/metrics", "EnvironmentFile": "/etc/masker/%i.env", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
		"LoadCredential": "pgpass:/etc/masker/pgpass", "Environment": "PGPASSFILE=%d/pgpass",
	}
	for name, value := range found {
		if (strings.HasPrefix(name, "Protect") || strings.HasPrefix(name, "Private")) && want[name] == "" && name != "ProtectProc" && value != "yes" {
			problems = append(problems, name+" is "+value)
		}
	}
	problems = append(problems, lacks(found, want)...)
	words := strings.Fields(strings.ReplaceAll(found["ExecStart"], "%i", "nightly"))
	if len(words) < 2 || words[0] != "/usr/local/bin/masker" {
		return append(problems, "ExecStart does not start masker")
	}
	return append(problems, callProblems(words[1:])...)
}

func lintTimer(data []byte) []string {
	found, problems := units(data)
	problems = append(problems, lacks(found, map[string]string{"Persistent": "true", "WantedBy": "timers.target"})...)
	if _, err := time.Parse("*-*-* 15:04:05 MST", found["OnCalendar"]); err != nil {
		problems = append(problems, "OnCalendar is not a daily time: "+found["OnCalendar"])
	}
	return problems
}

func TestTheSystemdExampleIsLinted(t *testing.T) {
	scheduled(t)
	checkLint(t, "systemd/masker@.service", lintService, []mutation{
		{"LimitCORE=", "LimitCOER="},
		{"MemorySwapMax=0\n", ""},
		{"ProtectClock=yes", "ProtectClock=no"},
		{"[Service]", "[Services]"},
		{"NoNewPrivileges=yes", "NoNewPrivileges=no"},
		{"run --flow", "rum --flow"},
		{"--log-format", "--log-formt"},
		{"--flow %i", "--flow weekly"},
		{"/etc/masker/masker.yaml", "/etc/masker.yaml"},
		{"Restart=no", "Restart=on-failure"},
		{"UMask=0077", "UMask 0077"},
		{"UMask=0077", "UMask=0077\nUMask=0022"},
		{"RemoveIPC=yes", `RemoveIPC=yes \`},
		{"[Unit]\n", ""},
		{"[Unit]", "[Unit"},
		{"User=masker", "User=masker # not root"},
	})
	checkLint(t, "systemd/masker@.timer", lintTimer, []mutation{
		{"OnCalendar=", "OnCalender="},
		{"02:30:00", "25:30:00"},
		{"[Install]\nWantedBy=timers.target", ""},
	})
}

// The systemd of this machine verifies the units. The program of the test replaces masker in them, because systemd
// checks that the program exists.
func TestSystemdItselfVerifiesTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("this machine has no systemd-analyze; another test still parses the units")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	verify := func(from, to string) string {
		dir := t.TempDir()
		var files []string
		for _, name := range []string{"masker@.service", "masker@.timer"} {
			text := strings.NewReplacer("/usr/local/bin/masker", self, from, to).Replace(string(fileOf(t, schedule+"systemd/"+name)))
			files = append(files, filepath.Join(dir, name))
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
		var about []string // the lines about masker's units, without those about other units of this machine
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "masker@") {
				about = append(about, line)
			}
		}
		if err != nil && len(about) == 0 {
			t.Logf("systemd-analyze: %v: %s", err, out)
		}
		return strings.Join(about, "")
	}
	if out := verify("Type=oneshot", "Type=oneshot"); out != "" {
		t.Error(out)
	}
	for _, m := range []mutation{{"LimitCORE=", "LimitCOER="}, {"ProtectSystem=strict", "ProtectSystem=strct"}, {"02:30:00", "25:30:00"}} {
		if verify(m.old, m.new) == "" {
			t.Errorf("systemd-analyze finds nothing if %q is replaced with %q", m.old, m.new)
		}
	}
}

// lintCron checks a file of /etc/cron.d. A line has five fields of time, the user, and the command.
func lintCron(data []byte) []string {
	var problems []string
	env, verbs := map[string]string{}, 0
	if !bytes.HasSuffix(data, []byte("\n")) {
		problems = append(problems, "cron ignores a last line without a line break")
	}
	assigns, spec := regexp.MustCompile(`^([A-Z_]+)=(.*)$`), regexp.MustCompile(`^((?:\S+\s+){5})(\S+)\s+(.*)$`)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if m := assigns.FindStringSubmatch(line); m != nil {
			env[m[1]] = m[2]
			continue
		}
		m := spec.FindStringSubmatch(line)
		if m == nil || !isCron(m[1]) {
			problems = append(problems, "want five fields of time, the user and the command: "+line)
			continue
		}
		if m[2] != "masker" {
			problems = append(problems, "the command runs as "+m[2])
		}
		found, wrong := cronCommand(m[3])
		verbs, problems = verbs+found, append(problems, wrong...)
	}
	problems = append(problems, lacks(env, map[string]string{
		"SHELL": "/bin/sh", "PATH": "/usr/local/bin:/usr/bin:/bin", "PGPASSFILE": "/etc/masker/pgpass", "MAILTO": "data-platform@example.com",
	})...)
	if verbs != 2 {
		problems = append(problems, fmt.Sprintf("masker is called %d times", verbs))
	}
	return problems
}

// isCron reports whether a text is five fields of time. It uses the parser of Kubernetes. The parser also accepts words
// such as @daily, and a time zone before the fields, but isCron does not.
func isCron(text string) bool {
	_, err := cron.ParseStandard(text)
	return err == nil && len(strings.Fields(text)) == 5
}

// cronCommand counts the calls of masker in a command. Cron ends the command at a % without a backslash, and passes the
// rest to the command as input.
func cronCommand(text string) (calls int, problems []string) {
	if strings.Contains(strings.ReplaceAll(text, `\%`, ""), "%") {
		problems = append(problems, "a % without a backslash: "+text)
	}
	text = strings.ReplaceAll(text, `\%`, "%")
	if out, err := exec.Command("sh", "-nc", text).CombinedOutput(); err != nil {
		problems = append(problems, fmt.Sprintf("not a shell command: %s: %s", text, out))
	}
	for part := range strings.SplitSeq(text, ";") {
		if words, ok := maskerLine(part); ok {
			calls++
			problems = append(problems, callProblems(words)...)
		}
	}
	return calls, problems
}

func TestTheCronExampleIsLinted(t *testing.T) {
	scheduled(t)
	checkLint(t, "cron/masker", lintCron, []mutation{
		{"30 2 * * *", "30 25 * * *"},
		{"30 2 * * *", "30 2 * *"},
		{"30 2 * * *", "30 2 * * 9"},
		{"30 2 * * *", "* 30/x 2 * *"},
		{"30 2 * * *", "@daily"},
		{"  masker  set", "  set"},
		{"  masker  set", "  root  set"},
		{"--quiet >/dev/null", "--quiet >/tmp/$(date +%F)"},
		{"set -a; .", "set -a; ("},
		{"masker run", "masker rum"},
		{"ledger verify", "ledger verfy"},
		{"--flow nightly", "--flow weekly"},
		{"PGPASSFILE", "PGPASFILE"},
	})
	if name := filepath.Base(schedule + "cron/masker"); !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(name) {
		t.Errorf("cron ignores a file with the name %s", name)
	}
	if calls, problems := cronCommand(`masker version >/tmp/$(date +\%F)`); calls != 1 || !strings.Contains(strings.Join(problems, ""), "configuration") || len(problems) != 1 {
		t.Errorf("%% with a backslash: %d calls, %v", calls, problems)
	}
}
