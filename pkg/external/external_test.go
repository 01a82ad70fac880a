package external

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/transform"
)

const canary = "4111-1111-1111-1111"

// TestMain also runs the programs under test. Each program is this test binary, with the name of its behaviour as an
// argument.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "program" {
		behave(os.Args[2])
		return
	}
	goleak.VerifyTestMain(m)
}

// question is the request that a program gets.
type question struct {
	ID     int64
	Column string
	Values []string
}

func behave(manner string) {
	if manner == "dies-at-once" {
		os.Exit(3)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, MaxReply)
	for n := 1; in.Scan(); n++ {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			os.Exit(4)
		}
		misbehave(manner, n)
		os.Stdout.Write(append(answer(manner, q), '\n'))
	}
	switch manner {
	case "ends-badly":
		os.Exit(3)
	case "stays":
		time.Sleep(time.Minute)
	}
}

// misbehave makes the mistakes that a program of this manner makes before it answers its n-th question.
func misbehave(manner string, n int) {
	switch manner {
	case "dies":
		fmt.Fprintln(os.Stderr, canary)
		os.Exit(3)
	case "dies-later":
		if n == 2 {
			os.Exit(3)
		}
	case "sleeps":
		time.Sleep(time.Minute)
	case "endless":
		for {
			os.Stdout.WriteString(strings.Repeat("x", 1<<20))
		}
	}
}

// answer returns the reply of a program. In some manners, the reply is wrong.
func answer(manner string, q question) []byte {
	treated := slices.Clone(q.Values)
	for i, v := range treated {
		treated[i] = q.Column + "/" + v
	}
	right, _ := json.Marshal(map[string]any{"id": q.ID, "values": treated})
	switch manner {
	case "wrong-id":
		return bytes.Replace(right, []byte(`"id":`), []byte(`"id":7`), 1)
	case "wrong-count":
		short, _ := json.Marshal(map[string]any{"id": q.ID, "values": treated[1:]})
		return short
	case "no-json":
		return []byte(canary)
	case "two":
		return append(right, right...)
	case "unknown-key":
		return fmt.Appendf(nil, `{"id":%d,"values":["x"],"more":1}`, q.ID)
	case "numbers":
		return fmt.Appendf(nil, `{"id":%d,"values":[1]}`, q.ID)
	case "error":
		return fmt.Appendf(nil, `{"id":%d,"error":%q}`, q.ID, canary)
	case "nul":
		return fmt.Appendf(nil, `{"id":%d,"values":["a\u0000"]}`, q.ID)
	case "surrogate":
		return fmt.Appendf(nil, `{"id":%d,"values":["\ud800"]}`, q.ID)
	case "latin1":
		return fmt.Appendf(nil, "{\"id\":%d,\"values\":[\"\xe9\"]}", q.ID)
	case "null":
		return fmt.Appendf(nil, `{"id":%d,"values":[null]}`, q.ID)
	case "environment":
		env := os.Environ()
		slices.Sort(env)
		shown, _ := json.Marshal(map[string]any{"id": q.ID, "values": []string{strings.Join(env, "|")}})
		return shown
	}
	return right
}

func start(t *testing.T, manner string, timeout time.Duration) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := launch(t, t.Context(), Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}, transform.Command{Run: []string{self, "program", manner}, Batch: 10, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// launch seals a command and starts it.
func launch(t *testing.T, ctx context.Context, r Runner, c transform.Command) (*Process, error) {
	t.Helper()
	s, err := r.Seal(c)
	if err != nil {
		return nil, err
	}
	defer s.Close() // the running program still has its own copy
	return s.Start(ctx)
}

func code(err error) string {
	var e *transform.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}

func values(v ...string) (out [][]byte) {
	for _, s := range v {
		out = append(out, []byte(s))
	}
	return out
}

func TestAProgramTreatsBatchAfterBatch(t *testing.T) {
	p := start(t, "well", time.Minute)
	for _, batch := range [][]string{{"a"}, {"b", "", "Jörg <&> \"q\" \n\t\\"}, {strings.Repeat("long ", 400_000)}} {
		got, err := p.Treat("public.t.c", values(batch...))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range batch {
			if string(got[i]) != "public.t.c/"+v {
				t.Errorf("%.20q became %.40q", v, got[i])
			}
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestAProgramThatBreaksTheProtocolIsAnErrorWithoutItsText(t *testing.T) {
	for manner, want := range map[string]string{
		"dies": "program-died", "dies-at-once": "program-died", "sleeps": "program-timeout", "wrong-id": "program-wrong-id",
		"wrong-count": "program-wrong-count", "no-json": "program-bad-reply", "two": "program-bad-reply", "unknown-key": "program-bad-reply",
		"numbers": "program-bad-reply", "error": "program-failed", "nul": "program-bad-text", "surrogate": "program-bad-text",
		"latin1": "program-bad-reply", "endless": "program-too-much",
	} {
		t.Run(manner, func(t *testing.T) {
			timeout := 20 * time.Second
			if manner == "sleeps" {
				timeout = 50 * time.Millisecond
			}
			p := start(t, manner, timeout)
			_, err := p.Treat("public.t.c", values(canary))
			if code(err) != want || strings.Contains(err.Error(), canary) {
				t.Errorf("%v, want %s", err, want)
			}
			if _, again := p.Treat("public.t.c", values("x")); again != err {
				t.Errorf("the program was asked again: %v", again)
			}
			if err := p.Close(); err != nil {
				t.Errorf("the error was returned twice: %v", err)
			}
		})
	}
}

func TestAProgramThatDiesBetweenBatches(t *testing.T) {
	p := start(t, "dies-later", time.Minute)
	if _, err := p.Treat("c", values("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Treat("c", values("a")); code(err) != "program-died" {
		t.Error(err)
	}
}

func TestAProgramMustEndWell(t *testing.T) {
	p := start(t, "ends-badly", time.Minute)
	if _, err := p.Treat("c", values("a")); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); code(err) != "program-died" {
		t.Error(err)
	}
}

func TestNullAndWhatJSONCannotCarry(t *testing.T) {
	p := start(t, "null", time.Minute)
	if got, err := p.Treat("c", values("a")); err != nil || got[0] != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := p.Treat("c", values("\xff")); code(err) != "not-utf8" {
		t.Error(err)
	}
}

func TestTheEnvironmentIsScrubbed(t *testing.T) {
	t.Setenv("PGPASSWORD", canary)
	got, err := start(t, "environment", time.Minute).Treat("c", values("a"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "LANG=C.UTF-8|PATH=" + os.Getenv("PATH") + "|TZ=UTC"; string(got[0]) != want {
		t.Errorf("%s, want %s", got[0], want)
	}
}

func TestAProgramEndsWithItsContext(t *testing.T) {
	self, _ := os.Executable()
	ctx, cancel := context.WithCancel(t.Context())
	p, err := launch(t, ctx, Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}, transform.Command{Run: []string{self, "program", "sleeps"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	if _, err := p.Treat("c", values("a")); code(err) != "program-died" || time.Since(began) > 20*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// If masker kills a program, the programs that it started end too.
func TestAProgramIsEndedWithItsGroup(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "treat", "#!/bin/sh\nsleep 600 &\nsleep 600\n")
	p, err := launch(t, t.Context(), Runner{Dir: dir, Path: os.Getenv("PATH")}, transform.Command{Run: []string{"./treat"}, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Treat("a", values("a")); code(err) != "program-timeout" {
		t.Error(err)
	}
	if err := p.out.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(p.lines); err != nil { // returns when every program that holds the pipe has ended
		t.Errorf("what the program started lived on: %v", err)
	}
}

func TestAPinnedProgramIsTheOneThatWasReviewed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "treat", "#!/bin/sh\ncat >/dev/null\n")
	r := Runner{Dir: dir, Path: os.Getenv("PATH")}
	c := transform.Command{Run: []string{"./treat"}, Timeout: time.Second}
	c.SHA256 = map[string]string{"./treat": digests(t, r, c)["./treat"]}
	p, err := launch(t, t.Context(), r, c)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	write(t, dir, "treat", "#!/bin/sh\ncat\n")
	if _, err := launch(t, t.Context(), r, c); code(err) != "program-changed" {
		t.Errorf("another program ran: %v", err)
	}
	for _, run := range []string{"./none", "no-such-program-here", "."} {
		if _, err := launch(t, t.Context(), r, transform.Command{Run: []string{run}}); code(err) != "program-not-started" {
			t.Errorf("%s: %v", run, err)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// digests returns the digest of each file that a command names.
func digests(t *testing.T, r Runner, c transform.Command) map[string]string {
	t.Helper()
	s, err := r.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sums := map[string]string{}
	for _, f := range s.Files() {
		sums[f.Name] = f.SHA256
	}
	return sums
}
