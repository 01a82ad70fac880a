package keysource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/process"
	"github.com/masker-project/masker/pkg/program"
)

// runProgram runs a program and returns its output. The program gets no input. It gets the environment variables in
// Environ, because such programs read their own credentials from them. If Environ is nil, it gets the variables of
// this process. masker does not show the program's stderr.
func (s Source) runProgram(ctx context.Context, argv []string) ([]byte, error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = programTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out := &limitedBuffer{most: maxFile}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	if s.Environ != nil {
		cmd.Env = s.Environ
		cmd.Path, cmd.Err = program.Find(argv[0], "", searchPath(s.Environ))
	}
	cmd.Stdout = out
	cmd.WaitDelay = time.Second // for child processes that keep the output open
	process.Group(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("did not end within %s", timeout)
	case out.over:
		return nil, fmt.Errorf("printed more than %d bytes: not a key", maxFile)
	case errors.As(err, &exit):
		return nil, fmt.Errorf("ended with %s; run it by hand to see why", exit.ProcessState)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, errors.New("left a process behind that kept its output open")
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, program.ErrNotFound):
		return nil, errors.New("is not in PATH")
	case err != nil:
		return nil, errors.New("cannot be run")
	}
	return out.held.Bytes(), nil
}

// searchPath returns the value of PATH in a list of environment variables.
func searchPath(environ []string) string {
	for _, kv := range environ {
		if path, ok := strings.CutPrefix(kv, "PATH="); ok {
			return path
		}
	}
	return ""
}

// limitedBuffer is a buffer with a largest size. Write fails if the content would become larger.
type limitedBuffer struct {
	held bytes.Buffer // not embedded, because io.Copy would then use ReadFrom and not Write
	most int
	over bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.held.Len()+len(p) > b.most {
		b.over = true
		return 0, errors.New("too long")
	}
	return b.held.Write(p)
}
