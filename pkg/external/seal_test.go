package external

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/transform"
)

// prober is a shell script. For each request, it runs the command in the variable PROBE, and answers with the command's
// output.
const prober = `while read -r line; do
	id=${line#*:}; id=${id%%,*}
	answer=$(eval "$PROBE" 2>/dev/null) || answer="failed $answer"
	printf '{"id":%s,"values":["%s"]}\n' "$id" "$answer"
done
`

// probe runs a shell script as the program of the treatment command, and returns the output of the script.
func probe(t *testing.T, r Runner, script string, c transform.Command) string {
	t.Helper()
	write(t, r.Dir, "probe.sh", "PROBE='"+script+"'\n"+prober)
	c.Run, c.Timeout = append([]string{"sh", "./probe.sh"}, c.Run...), time.Minute
	p, err := launch(t, t.Context(), r, c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := p.Treat("public.t.c", values("a"))
	if err != nil {
		t.Fatal(err)
	}
	return string(got[0])
}

// needsLandlock skips the test if the system cannot confine programs. A test of package movement shows that flows with
// approvals refuse programs on such systems.
func needsLandlock(t *testing.T) {
	t.Helper()
	if !canConfine() {
		t.Skip("this kernel has no Landlock of version 3 or later")
	}
}

// R7: a program can read only the files that its rule lists. It cannot read a key, the ledger, or anything of masker's
// process.
func TestR7AProgramReadsOnlyWhatItsRuleLists(t *testing.T) {
	needsLandlock(t)
	r := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}
	write(t, r.Dir, "masker.key", "key")
	write(t, r.Dir, "own.key", "own")
	if err := os.Mkdir(filepath.Join(r.Dir, "words"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, r.Dir, "words/a", "word")
	listed := transform.Command{MayRead: []string{"./words"}}
	for _, c := range []struct {
		script, want string
		command      transform.Command
	}{
		{"cat masker.key", "failed ", transform.Command{}},
		{"cat words/a", "failed ", transform.Command{}},
		{"cat words/a", "word", listed},
		{"cat words/../masker.key", "failed ", listed},
		{"cat /proc/$PPID/environ", "failed ", listed},
		{"cat /etc/passwd", "failed ", listed},
		{"ls /", "failed ", listed},
		{"cat $1", "own", transform.Command{Run: []string{"own.key"}}},
		{"echo x > words/a", "failed ", listed},
		{"echo x > /tmp/masker-probe", "failed ", listed},
		{": > masker.key", "failed ", listed},
		{"rm masker.key", "failed ", listed},
		{"mkdir new", "failed ", listed},
		{"mv words/a words/b", "failed ", listed},
		{"echo x > /dev/null", "", listed},
		{"kill -0 $PPID", "failed ", listed},
		{"cat probe.sh", "failed ", listed},
	} {
		if got := probe(t, r, c.script, c.command); got != c.want {
			t.Errorf("%s: %q, want %q", c.script, got, c.want)
		}
	}
	if data, err := os.ReadFile(filepath.Join(r.Dir, "masker.key")); err != nil || string(data) != "key" {
		t.Errorf("%s, %v", data, err)
	}
	// masker itself is not confined, because the restricted thread has ended
	for range 64 {
		if _, err := os.ReadFile(filepath.Join(r.Dir, "masker.key")); err != nil {
			t.Fatal(err)
		}
	}
}

// R7: Start runs the copy whose digest was checked, even if the files change after the check.
func TestR7WhatWasSealedStarts(t *testing.T) {
	r := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}
	answer := func(word string) string {
		return `while read -r line; do id=${line#*:}; id=${id%%,*}; printf '{"id":%s,"values":["` + word + `"]}\n' "$id"; done` + "\n"
	}
	write(t, r.Dir, "direct", "#!/bin/sh\n"+answer("reviewed"))
	write(t, r.Dir, "script", answer("reviewed"))
	for _, run := range [][]string{{"./direct"}, {"sh", "script"}} {
		s, err := r.Seal(transform.Command{Run: run, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		write(t, r.Dir, "direct", "#!/bin/sh\n"+answer("changed"))
		write(t, r.Dir, "script", answer("changed"))
		p, err := s.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Treat("c", values("a")); err != nil || s.Confined() && string(got[0]) != "reviewed" {
			t.Errorf("%s: %s, %v", run, got, err)
		}
		p.Close()
		s.Close()
		write(t, r.Dir, "direct", "#!/bin/sh\n"+answer("reviewed"))
		write(t, r.Dir, "script", answer("reviewed"))
	}
}

// R7: every file that the parameter run names has a digest, so a rule can pin the file. It is an error if a rule pins
// anything else.
func TestR7EveryFileOfRunIsPinned(t *testing.T) {
	r := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}
	write(t, r.Dir, "treat", "#!/bin/sh\n")
	write(t, r.Dir, "script.py", "pass\n")
	c := transform.Command{Run: []string{"sh", "./script.py", "--fast", "", "treat"}, Timeout: time.Second}
	sums := digests(t, r, c)
	if got := slices.Sorted(maps.Keys(sums)); !slices.Equal(got, []string{"./script.py", "sh", "treat"}) {
		t.Fatalf("files: %s", got)
	}
	for _, pin := range []struct {
		name, digest string
		want         string
	}{
		{"./script.py", sums["./script.py"], ""},
		{"./script.py", sums["sh"], "program-changed"},
		{"treat", sums["sh"], "program-changed"},
		{"script.py", sums["./script.py"], "program-changed"}, // the list run has ./script.py
		{"--fast", sums["sh"], "program-changed"},
	} {
		c.SHA256 = map[string]string{pin.name: pin.digest}
		s, err := r.Seal(c)
		if err == nil {
			s.Close()
		}
		if pin.want == "" && err != nil || pin.want != "" && code(unjoin(err)) != pin.want {
			t.Errorf("%s: %v", pin.name, err)
		}
	}
}

// unjoin returns the first of several joined errors.
func unjoin(err error) error {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		return list.Unwrap()[0]
	}
	return err
}

// R7: no rule can give a program one of masker's keys or the ledger, neither as an argument nor by a folder in
// may_read.
func TestR7NoRuleGivesAProgramKeysOrLedger(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"keys", "ledger", "words"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "keys/default.key", "key")
	write(t, dir, "ledger/ledger.jsonl", "{}")
	write(t, dir, "treat", "#!/bin/sh\n")
	if err := os.Symlink("keys", filepath.Join(dir, "innocent")); err != nil {
		t.Fatal(err)
	}
	r := Runner{Dir: dir, Path: os.Getenv("PATH"), Private: []string{filepath.Join(dir, "keys/default.key"), filepath.Join(dir, "ledger")}}
	for _, c := range []transform.Command{
		{MayRead: []string{"."}},
		{MayRead: []string{"keys"}},
		{MayRead: []string{"words/../keys"}},
		{MayRead: []string{"innocent"}},
		{MayRead: []string{"/"}},
		{MayRead: []string{dir}},
		{MayRead: []string{"ledger"}},
		{Run: []string{"keys/default.key"}},
		{Run: []string{"innocent/default.key"}},
		{Run: []string{"ledger/ledger.jsonl"}},
	} {
		c.Run = append([]string{"./treat"}, c.Run...)
		if _, err := r.Seal(c); code(err) != "program-reads-keys" {
			t.Errorf("%q, %q: %v", c.Run, c.MayRead, err)
		}
	}
	s, err := r.Seal(transform.Command{Run: []string{"./treat"}, MayRead: []string{"words"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// R7: masker opens the paths in may_read when it judges them. If somebody later puts a link in the place of such a
// path, the link gives the program nothing.
func TestR7WhatAProgramReadsCannotBeExchanged(t *testing.T) {
	needsLandlock(t)
	r := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}
	for _, folder := range []string{"keys", "words"} {
		if err := os.Mkdir(filepath.Join(r.Dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, r.Dir, "keys/a", "key")
	r.Private = []string{filepath.Join(r.Dir, "keys/a")}
	write(t, r.Dir, "probe.sh", "PROBE='cat words/a keys/a'\n"+prober)
	s, err := r.Seal(transform.Command{Run: []string{"sh", "./probe.sh"}, MayRead: []string{"words"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Rename(filepath.Join(r.Dir, "words"), filepath.Join(r.Dir, "old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("keys", filepath.Join(r.Dir, "words")); err != nil {
		t.Fatal(err)
	}
	p, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	got, err := p.Treat("public.t.c", values("a"))
	if err != nil || string(got[0]) != "failed " {
		t.Errorf("%q, %v", got, err)
	}
}

func TestR7AnArgumentIsJSONOrAFile(t *testing.T) {
	// The program gets the path of a copy for each argument that is a file. Other arguments stay as they are in the
	// rule.
	r := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}
	write(t, r.Dir, "own.key", "own")
	got := probe(t, r, `echo $1 $2 $#`, transform.Command{Run: []string{"own.key", "--n=3"}})
	if fields := strings.Fields(got); len(fields) != 3 || fields[1] != "--n=3" || fields[2] != "2" || canConfine() && !strings.HasPrefix(fields[0], "/proc/self/fd/") {
		t.Errorf("%s", got)
	}
	if !json.Valid([]byte(`"` + got + `"`)) {
		t.Errorf("%q", got)
	}
}
