package target

import (
	"context"
	"errors"
	"slices"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// checksOfTable finds the CHECK constraints that the rows of a table have to satisfy: the constraints of the table, of
// the tables from which it inherits, and of all domains whose values it contains. The domains can be inside arrays,
// composite types and ranges.
const checksOfTable = validChecks + ` AND (k.conrelid IN (WITH RECURSIVE above(rel) AS (
		SELECT $1::text::regclass::oid UNION SELECT h.inhparent FROM above JOIN pg_inherits h ON h.inhrelid = above.rel) SELECT rel FROM above)
	OR k.contypid IN (WITH RECURSIVE inside(typ) AS (
		SELECT atttypid FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
		UNION SELECT x.typ FROM inside, LATERAL (
			SELECT unnest(ARRAY[y.typbasetype, y.typelem]) FROM pg_type y WHERE y.oid = inside.typ
			UNION ALL SELECT rngsubtype FROM pg_range WHERE inside.typ IN (rngtypid, rngmultitypid)
			UNION ALL SELECT a.atttypid FROM pg_type y JOIN pg_attribute a ON a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped WHERE y.oid = inside.typ) x(typ)
		WHERE x.typ <> 0) SELECT typ FROM inside))`

// errTakenOut is in the error of Write if takeOut has dropped the constraint that a row broke.
var errTakenOut = errors.New("the shadow no longer has the CHECK constraint that a row broke")

// checkViolation is the SQLSTATE of a row that breaks a CHECK constraint.
const checkViolation = "23514"

// takeOut drops the CHECK constraints of a table if a row broke one of them. The caller writes the extent again. After
// the rows, addChecks adds the constraints again. takeOut drops all of them at once, because masker writes an extent
// again only a few times. It reports whether the constraint that the row broke is gone.
//
// A constraint can also call a function that raises an error. The error then names no constraint. takeOut drops the
// constraints in this case too. If none of them is the cause, the same error comes again.
func (s *Shadow) takeOut(ctx context.Context, worker int, broken error, table catalog.Name) bool {
	e, ok := errors.AsType[*pgsession.Error](broken)
	raised := ok && e.Constraint == "" && e.Column == "" && ofValues(broken)
	if !ok || !raised && (e.Code != checkViolation || e.Constraint == "") {
		return false
	}
	l, err := s.worker(ctx, worker)
	if err != nil {
		return false
	}
	s.takingOut.Lock()
	defer s.takingOut.Unlock()
	checks, err := findChecks(ctx, l.conn, checksOfTable, table.String())
	if err != nil {
		return false
	}
	for _, a := range checks {
		s.takenOut = true
		if s.statement(ctx, l.conn, "ALTER "+a.On+" DROP CONSTRAINT IF EXISTS "+catalog.Quote(a.Name)) != nil {
			return false
		}
		s.postponed = append(s.postponed, a)
	}
	// Another worker may have dropped the constraint after this worker's row broke it. That worker may have loaded
	// another table with the same domain.
	return raised && s.takenOut || slices.ContainsFunc(s.postponed, func(a postponed) bool { return a.Name == e.Constraint })
}
