package notify

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"time"

	"github.com/masker-project/masker/internal/process"
	"github.com/masker-project/masker/pkg/program"
	"github.com/masker-project/masker/pkg/report"
)

// command runs a program with the message on stdin. The program gets PATH and a few variables about the message. It
// does not get masker's environment variables, because they can hold addresses and keys. Its output is discarded.
type command struct {
	wants
	argv []string
	file string // the program's file
	path string // the program's PATH
}

// waitDelay is how long masker waits for the pipes of a killed program.
const waitDelay = time.Second

func newCommand(argv []string, on wants, dir, path string) (Channel, error) {
	file, err := program.Find(argv[0], dir, path)
	if err == nil {
		_, err = exec.LookPath(file)
	}
	if err != nil {
		return nil, errors.New("notify: command: the program does not exist or cannot be run; a name without a slash is searched in PATH")
	}
	return command{on, argv, file, path}, nil
}

func (command) Name() string { return "command" }

func (c command) Send(ctx context.Context, m Message) error {
	body, err := m.body()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, c.file, c.argv[1:]...)
	cmd.Args[0] = c.argv[0]
	cmd.Stdin = bytes.NewReader(append(body, '\n'))
	cmd.Env = []string{
		"PATH=" + c.path,
		"MASKER_EVENT=" + report.Clean(m.Event),
		"MASKER_FLOW=" + report.Clean(m.Flow),
		"MASKER_RUN=" + report.Clean(m.Run),
	}
	cmd.WaitDelay = waitDelay
	process.Group(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fault{why: "it did not end in time and was killed"}
	case errors.As(err, &exit):
		return fault{why: "it ended with an error"}
	}
	return fault{why: "it could not be run", final: true}
}
