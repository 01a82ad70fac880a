package movement

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// digestPrograms computes the digest of every program that a plan uses. It returns an error if a program is missing, or
// if its rule pins another digest.
func digestPrograms(r external.Runner, p *plan.Plan) ([]ledger.Program, error) {
	var list []ledger.Program
	seen := map[string]bool{}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			for _, c := range library.Commands(col.Use) {
				sum, err := r.Digest(c)
				if err != nil {
					return nil, invalid("%s: %s.%s: command %s: %w", col.Pos, t.Name, col.Name, c.Run[0], err)
				}
				if c.SHA256 != "" && c.SHA256 != sum {
					return nil, invalid("%s: %s.%s: command %s is not the program that sha256 pins; review it, and put its digest into the rule: %s", col.Pos, t.Name, col.Name, c.Run[0], sum)
				}
				if key := fmt.Sprint(c.Run[0], c.SHA256); !seen[key] {
					seen[key] = true
					list = append(list, ledger.Program{Run: c.Run[0], SHA256: sum, Pinned: c.SHA256 != ""})
				}
			}
		}
	}
	return list, nil
}

// startProgram returns a function that starts a program for a worker.
func startProgram(r external.Runner) refresh.StartProgram {
	return func(ctx context.Context, c transform.Command) (refresh.Program, error) {
		p, err := r.Start(ctx, c)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
}

// unpinned returns a note for each program that is not pinned. No approval covers such a program.
func unpinned(programs []ledger.Program) []string {
	var notes []string
	for _, p := range programs {
		if !p.Pinned {
			notes = append(notes, fmt.Sprintf("the program %s is not pinned, so no approval covers it; add to its rule: sha256: %s", p.Run, p.SHA256))
		}
	}
	return notes
}
