package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
)

// leaveIndex decides whether masker leaves out an index that the target cannot build. An EXCLUDE constraint is an index
// too. leaveIndex returns nil and adds a note in two cases. In the first case, the index's expression does not find a
// function, table, type or schema, because production built the index under another search path, or on a version before
// 17. In the second case, the expression fails for a value. Without the index, queries are slower, and a unique index
// is not enforced. For every other error, leaveIndex returns the error and the refresh ends. This includes rows that
// violate a unique index or an EXCLUDE constraint.
func (s *Shadow) leaveIndex(conn *pgx.Conn, e archive.Entry, err error) error {
	excludes := e.Desc == "CONSTRAINT" && strings.Contains(e.Defn, " EXCLUDE ")
	if err == nil || e.Desc != "INDEX" && !excludes || conn.IsClosed() {
		return err
	}
	var why string
	unique := excludes || strings.HasPrefix(e.Defn, "CREATE UNIQUE")
	code := pgsession.Code(err)
	switch {
	case missesName(err):
		why = fmt.Sprintf("its expression finds no object of a name (SQLSTATE %s); qualify the names in its functions", code)
	case ofValues(err) && !(unique && (code == uniqueViolation || code == exclusionViolation)):
		why = fmt.Sprintf("it cannot be built for the values of a row (SQLSTATE %s)", code) + s.rulesFor(s.objectOf(e))
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

// These are the SQLSTATEs of two rows that have the same value in a unique index, and of two rows that conflict in an
// EXCLUDE constraint.
const (
	uniqueViolation    = "23505"
	exclusionViolation = "23P01"
)

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
