package movement

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// programs holds the programs that a plan uses. masker seals their files before the permit. So, on Linux, the run starts
// exactly these files, even if somebody changes a file on the disk in the meantime.
type programs struct {
	sealed   map[string]*external.Sealed // by transform.Command.Process
	files    []ledger.Program
	unpinned []string // a note for each file that has no digest in its rule
	free     []string // a note for each program that is not confined
}

// sealPrograms seals every program of the plan. It returns an error if a program is missing, or if the digest in its
// rule is not the digest of the file. The caller must close the result.
func sealPrograms(r external.Runner, p *plan.Plan) (*programs, error) {
	all := &programs{sealed: map[string]*external.Sealed{}}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			for _, c := range library.Commands(col.Use) {
				if err := all.seal(r, c); err != nil {
					all.close()
					return nil, invalid("%s: %s.%s: command %s: %w", col.Pos, t.Name, col.Name, c.Run[0], err)
				}
			}
		}
	}
	return all, nil
}

// Unpinned returns a note for each file of the plan's programs that has no digest in its rule. No approval covers such
// a file. Unpinned returns an error if a program is missing, or if the digest in its rule is not the digest of the
// file.
func Unpinned(r external.Runner, p *plan.Plan) ([]string, error) {
	all, err := sealPrograms(r, p)
	if err != nil {
		return nil, err
	}
	defer all.close()
	return all.unpinned, nil
}

// seal seals the program of a command, unless it has sealed an equal command before.
func (p *programs) seal(r external.Runner, c transform.Command) error {
	if p.sealed[c.Process()] != nil {
		return nil
	}
	s, err := r.Seal(c)
	if err != nil {
		return err
	}
	p.sealed[c.Process()] = s
	for _, f := range s.Files() {
		p.files = append(p.files, ledger.Program{Run: c.Run[0], File: f.Name, SHA256: f.SHA256, Pinned: f.Pinned})
		if !f.Pinned {
			p.unpinned = append(p.unpinned, fmt.Sprintf("the file %s of the program %s is not pinned, so no approval covers it; add to its rule: sha256: {%q: %s}", f.Name, c.Run[0], f.Name, f.SHA256))
		}
	}
	if !s.Confined() {
		p.free = append(p.free, fmt.Sprintf("the program %s can read every file that masker can read, because this system has no Landlock of version 3 or later (Linux 6.2)", c.Run[0]))
	}
	return nil
}

// close frees the sealed files. The receiver may be nil.
func (p *programs) close() {
	if p == nil {
		return
	}
	for _, s := range p.sealed {
		_ = s.Close() // nothing was written
	}
}

// start returns the function with which each worker starts a program.
func (p *programs) start() refresh.StartProgram {
	return func(ctx context.Context, c transform.Command) (refresh.Program, error) {
		started, err := p.sealed[c.Process()].Start(ctx)
		if err != nil {
			return nil, err
		}
		return started, nil
	}
}

// admitPrograms seals the programs of the plan. If the flow needs approvals, it refuses files without a digest in the
// rules, because no approval covers them, and programs that are not confined. If the flow needs no approvals, it only
// adds a note for each of them.
func (r *run) admitPrograms() (err error) {
	r.programs, err = sealPrograms(r.Programs, r.plan)
	var fault *transform.Error
	if errors.As(err, &fault) && fault.Code == external.Changed {
		return &guard.Refused{Flow: r.Flow.Name, Why: err.Error(), Next: "review the file; then write its digest into the rule, and have the rules approved again"}
	}
	if err != nil {
		return err
	}
	notProduction, _ := r.Flow.ShownNotProduction(r.evidence)
	if r.Flow.Approvals(notProduction) > 0 {
		if list := append(r.programs.unpinned, r.programs.free...); len(list) > 0 {
			return &guard.Refused{Flow: r.Flow.Name, Why: strings.Join(list, "; "), Next: "the flow needs approvals, and they have to cover all that treats values, see docs/own-treatments.md"}
		}
	}
	for _, note := range r.programs.unpinned {
		r.Note(review.UnpinnedProgram, note)
	}
	for _, note := range r.programs.free {
		r.Note(review.UnconfinedProgram, note)
	}
	return nil
}
