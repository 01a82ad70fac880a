package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// uncomputable returns the columns of a Want that the server cannot compute. PostgreSQL computes a virtual generated
// column when somebody reads it. For some rows, the expression can fail, for example with a division by zero. The row
// stores no value of such a column, so nothing is lost without it. The columns that the expression reads are read as
// usual.
func (r *reader) uncomputable(ctx context.Context, w probe.Want) (names []string) {
	for _, c := range w.Relation.Columns {
		if !c.Generated || !slices.Contains(namesOf(w), c.Name) || r.conn == nil {
			continue
		}
		err := r.inSavepoint(ctx, func() error {
			if err := r.usePath(ctx, w.Relation); err != nil {
				return err
			}
			_, err := r.conn.Exec(ctx, "SELECT count("+catalog.Quote(c.Name)+")"+from(w))
			return pgsession.Safe(err)
		})
		if strings.HasPrefix(pgsession.Code(err), "22") {
			names = append(names, c.Name)
		}
	}
	return names
}

// tell tells the sink which columns of the following rows are missing.
func tell(w probe.Want, s probe.Sink) {
	for i, name := range namesOf(w) {
		if slices.Contains(w.Missing, name) {
			s.Missing(i)
		}
	}
}
