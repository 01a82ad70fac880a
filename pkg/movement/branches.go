package movement

import (
	"context"
	"fmt"
	"strings"

	"github.com/masker-project/masker/internal/spell"
)

// expireBranches drops the expired branches of the target after publishing, and notes what it has done. It also notes
// the branches that it left, for example because they are in use. If dropping a branch fails, it returns an error. If
// ctx has ended, it leaves all branches for the next run.
func (r *run) expireBranches(ctx context.Context) error {
	if r.Expire == nil || ctx.Err() != nil {
		return nil
	}
	dropped, left, err := r.Expire(ctx)
	if len(dropped) > 0 {
		r.summary.Notes = append(r.summary.Notes, fmt.Sprintf("dropped %s of branches that have expired or were never complete: %s",
			spell.Count(len(dropped), "database"), strings.Join(dropped, ", ")))
	}
	r.summary.Notes = append(r.summary.Notes, left...)
	if err != nil {
		return fmt.Errorf("dropping the expired branches: %w; masker branch prune %s tries again", err, r.Flow.To.Name)
	}
	return nil
}
