package external

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// misbehave does what a program of this manner does wrong before it answers its n-th question.
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
	p, err := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}.Start(t.Context(), transform.Command{Run: []string{self, "program", manner}, Batch: 10, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
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
	p, err := Runner{Dir: t.TempDir(), Path: os.Getenv("PATH")}.Start(ctx, transform.Command{Run: []string{self, "program", "sleeps"}, Timeout: time.Minute})
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
	script := filepath.Join(dir, "treat")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n(sleep 1; echo x > "+dir+"/alive) &\nsleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := Runner{Dir: dir, Path: os.Getenv("PATH")}.Start(t.Context(), transform.Command{Run: []string{"./treat"}, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Treat("c", values("a")); code(err) != "program-timeout" {
		t.Error(err)
	}
	p.Close()
	time.Sleep(1200 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(dir, "alive")); err == nil {
		t.Error("what the program started lived on")
	}
}

func TestAPinnedProgramIsTheOneThatWasReviewed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "treat"), []byte("#!/bin/sh\ncat >/dev/null\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := Runner{Dir: dir, Path: os.Getenv("PATH")}
	c := transform.Command{Run: []string{"./treat"}, Timeout: time.Second}
	var err error
	if c.SHA256, err = r.Digest(c); err != nil {
		t.Fatal(err)
	}
	p, err := r.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if err := os.WriteFile(filepath.Join(dir, "treat"), []byte("#!/bin/sh\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Start(t.Context(), c); code(err) != "program-changed" {
		t.Errorf("another program ran: %v", err)
	}
	for _, run := range []string{"./none", "no-such-program-here", "."} {
		if _, err := r.Start(t.Context(), transform.Command{Run: []string{run}}); code(err) != "program-not-started" {
			t.Errorf("%s: %v", run, err)
		}
	}
}
