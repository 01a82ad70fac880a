//go:build unix

package process_test

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"testing"

	"github.com/masker-project/masker/internal/process"
)

// sleeper starts a shell that starts a sleep. The returned reader reaches its end when both programs have ended.
func sleeper(t *testing.T, ctx context.Context) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.CommandContext(ctx, "sh", "-c", "sleep 600 & echo started; wait")
	process.Group(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); line != "started\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return cmd, r
}

func ended(t *testing.T, cmd *exec.Cmd, out *bufio.Reader) {
	t.Helper()
	if _, err := io.ReadAll(out); err != nil { // returns when every program that holds the pipe has ended
		t.Error(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the program ended well")
	}
}

func TestKillEndsWhatTheProgramStarted(t *testing.T) {
	cmd, out := sleeper(t, t.Context())
	process.Kill(cmd)
	ended(t, cmd, out)
	process.Kill(cmd) // the group has ended already
}

func TestTheContextEndsWhatTheProgramStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd, out := sleeper(t, ctx)
	cancel()
	ended(t, cmd, out)
}
