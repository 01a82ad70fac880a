package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
)

// leaveIndex decides whether masker leaves out an index that the target cannot build. It returns nil and adds a note in
// two cases. In the first case, the index's expression does not find a function, table, type or schema, because
// production built the index under another search path, or on a version before 17. In the second case, the expression
// fails for a value. Without the index, queries are slower, and a unique index is not enforced. For every other error,
// leaveIndex returns the error and the refresh ends. This includes rows that violate a unique index.
func (s *Shadow) leaveIndex(conn *pgx.Conn, e archive.Entry, err error) error {
	if e.Desc != "INDEX" || conn.IsClosed() {
		return err
	}
	var why string
	unique := strings.HasPrefix(e.Defn, "CREATE UNIQUE")
	switch {
	case missesName(err):
		why = fmt.Sprintf("its expression finds no object of a name (SQLSTATE %s); qualify the names in its functions", pgsession.Code(err))
	case ofValues(err) && !(unique && pgsession.Code(err) == uniqueViolation):
		why = fmt.Sprintf("it cannot be built for the values of a row (SQLSTATE %s)", pgsession.Code(err)) + s.rulesFor(s.objectOf(e))
	default:
		return err
	}
	s.mu.Lock()
	s.unbuilt = append(s.unbuilt, e.ID)
	s.mu.Unlock()
	enforced := ""
	if unique {
		enforced = ", and the target does not enforce it"
	}
	s.note("%s is left out%s: %s", label(e), enforced, why)
	return nil
}

// uniqueViolation is the SQLSTATE of two rows that have the same value in a unique index.
const uniqueViolation = "23505"

// needsUnbuilt reports whether an entry needs an index that was left out. The entry may be a comment, the attachment to
// the index of a partitioned table, or a foreign key. A foreign key may be made in two steps, but it gets only one
// note.
func (s *Shadow) needsUnbuilt(e archive.Entry) bool {
	s.mu.Lock()
	i := slices.IndexFunc(e.Deps, func(id int) bool { return slices.Contains(s.unbuilt, id) })
	first := i >= 0 && e.Desc == "FK CONSTRAINT" && !slices.Contains(s.unbuilt, e.ID)
	if first {
		s.unbuilt = append(s.unbuilt, e.ID)
	}
	s.mu.Unlock()
	if first {
		s.note("%s is left out, and the target does not enforce it: it needs %s", label(e), label(s.ddl.all[e.Deps[i]]))
	}
	return i >= 0
}

// missesName reports whether a function, table, type or schema was not found.
func missesName(err error) bool {
	switch pgsession.Code(err) {
	case "42883", "42P01", "42704", "3F000":
		return true
	}
	return false
}
