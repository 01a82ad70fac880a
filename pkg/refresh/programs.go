package refresh

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
)

// Program is a running program of the treatment command. Only one worker uses it.
type Program interface {
	rewrite.Program
	// Close ends the program. It returns an error if the program did not end properly.
	Close() error
}

// StartProgram starts a program, which runs until it is closed or ctx ends. Package external has an implementation.
type StartProgram func(ctx context.Context, c transform.Command) (Program, error)

// programs holds the running programs of one worker or of ShowRows. All columns with the same command share one
// process.
type programs struct {
	ctx     context.Context // the programs end with it; it is a field because rewrite.Programs takes no context
	start   StartProgram
	running map[string]Program
}

func newPrograms(ctx context.Context, start StartProgram) *programs {
	return &programs{ctx: ctx, start: start, running: map[string]Program{}}
}

// Program implements rewrite.Programs.
func (p *programs) Program(c transform.Command) (rewrite.Program, error) {
	key := c.Process()
	if running, ok := p.running[key]; ok {
		return running, nil
	}
	started, err := p.start(p.ctx, c)
	if err != nil {
		return nil, err
	}
	p.running[key] = started
	return started, nil
}

// close ends all programs.
func (p *programs) close() error {
	var problems []error
	for _, running := range p.running {
		if err := running.Close(); err != nil {
			problems = append(problems, fmt.Errorf("a program of command: %w", err))
		}
	}
	clear(p.running)
	return errors.Join(problems...)
}
