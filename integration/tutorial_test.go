package integration

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the output of the tutorial's commands into it")

const tutorial = "../docs/tutorial.md"

// step is one block of commands of the tutorial, and the block with its output.
type step struct {
	commands string
	from, to int    // the position of the output in the page; both are 0 if the page shows none
	varies   bool   // only the number of lines is compared
	printed  string // the output of the commands in this test
}

// The test runs all commands of the tutorial in order, and compares their output with the page. If masker's output
// has changed, run go test ./integration -run Tutorial -update.
func TestTheTutorialShowsTheRealOutput(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(tutorial)
	if err != nil {
		t.Fatal(err)
	}
	steps := stepsOf(text)
	follow(t, steps)
	if *update {
		if err := os.WriteFile(tutorial, withOutput(text, steps), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, s := range steps {
		if shown := string(text[s.from:s.to]); !alike(shown, s.printed) && (!s.varies || lines(shown) != lines(s.printed)) {
			t.Errorf("the commands\n%s\nprint\n%s\nand %s shows\n%s", s.commands, s.printed, tutorial, shown)
		}
	}
}

// withOutput returns the tutorial with the output of one run of its commands. Because of this, the whole page shows
// the same invented people.
func withOutput(text []byte, steps []*step) []byte {
	var b bytes.Buffer
	done := 0
	for _, s := range steps {
		if s.to > 0 {
			b.Write(text[done:s.from])
			b.WriteString(s.printed)
			done = s.to
		}
	}
	b.Write(text[done:])
	return b.Bytes()
}

// stepsOf reads the blocks ```sh of the page. A block ```text that follows directly is the output. A block ```text
// varies holds output that depends on the key, so only the number of lines is compared.
func stepsOf(text []byte) []*step {
	var steps []*step
	end := 0
	for _, b := range regexp.MustCompile("(?ms)^```(sh|text|text varies)\n(.*?)^```\n").FindAllSubmatchIndex(text, -1) {
		kind := string(text[b[2]:b[3]])
		if kind == "sh" {
			steps = append(steps, &step{commands: string(text[b[4]:b[5]])})
		} else if len(steps) > 0 && strings.TrimSpace(string(text[end:b[0]])) == "" {
			s := steps[len(steps)-1]
			s.from, s.to, s.varies = b[4], b[5], kind == "text varies"
		}
		end = b[1]
	}
	return steps
}

// follow runs the steps in one shell, as a reader does. It replaces the address and the password of the page's server
// with those of the test's server.
func follow(t *testing.T, steps []*step) {
	t.Helper()
	const mark = "--- end of step ---"
	home := t.TempDir()
	checkout := filepath.Join(home, "checkout")
	if err := os.MkdirAll(filepath.Join(checkout, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(masker(t), filepath.Join(checkout, "bin", "masker")); err != nil {
		t.Fatal(err)
	}
	base := Server(t).base
	address := net.JoinHostPort(base.Hostname(), base.Port())
	mine := strings.NewReplacer("127.0.0.1:5432", address, "postgres:secret@", base.User.String()+"@")
	script := "make() { :; }\n" // the test has already built masker
	for _, s := range steps {
		script += mine.Replace(s.commands) + fmt.Sprintf("\necho %q\n", mark)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec 2>&1\n"+script)
	cmd.Dir = checkout
	cmd.Env = []string{"HOME=" + home, "PGSSLMODE=disable", "PATH=" + Server(t).bin + string(filepath.ListSeparator) + os.Getenv("PATH")}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.NewReplacer(address, "127.0.0.1:5432", "by "+self.Username, "by alice", home, "/home/alice")
	began, scanner := time.Now(), bufio.NewScanner(out)
	for i := 0; scanner.Scan(); {
		if line := scanner.Text(); line != mark {
			steps[i].printed += strings.TrimRight(theirs.Replace(line), " ") + "\n"
			continue
		}
		t.Logf("%6.2f s: %s", time.Since(began).Seconds(), strings.SplitN(steps[i].commands, "\n", 2)[0])
		began = time.Now()
		i++
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// alike reports whether two outputs are the same, apart from times, amounts, identifiers, digests and the width of
// columns. It ignores the order of lines, because that depends on which worker is first.
func alike(a, b string) bool {
	times := regexp.MustCompile(`\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|[0-9,.]+ ?(ms|s|rows/s|[kM]B/s|MB)\b|(connect|plan|schema|rows|finish|verify|publish) [0-9.]+|-{3,}`)
	long, digit := regexp.MustCompile(`[0-9A-Za-z+/=_]{8,}`), regexp.MustCompile(`\d`)
	same := func(s string) string {
		s = long.ReplaceAllStringFunc(s, func(word string) string {
			if digit.MatchString(word) {
				return "~"
			}
			return word
		})
		s = times.ReplaceAllString(s, "~") // after the long words, because a hash may hold 93s
		all := strings.Split(s, "\n")
		for i, line := range all {
			all[i] = strings.Join(strings.Fields(line), " ")
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	return same(a) == same(b)
}

func lines(s string) int { return strings.Count(s, "\n") }
