package target

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
)

// leaveIndex decides what an error of making an entry means. An index whose expression does not find a function, table, type or
// schema is left out, and there is a note: production built it under another search path, or on a version before 17, and no
// value is the cause. Every other error ends the refresh.
func (s *Shadow) leaveIndex(conn *pgx.Conn, e archive.Entry, err error) error {
	if e.Desc != "INDEX" || !missesName(err) || conn.IsClosed() {
		return err
	}
	s.mu.Lock()
	s.unbuilt = append(s.unbuilt, e.ID)
	s.mu.Unlock()
	enforced := ""
	if strings.HasPrefix(e.Defn, "CREATE UNIQUE") {
		enforced = ", and the target does not enforce it"
	}
	s.note("%s is left out%s: its expression finds no object of a name (SQLSTATE %s); qualify the names in its functions", label(e), enforced, pgsession.Code(err))
	return nil
}

// needsUnbuilt reports whether an entry needs an index that was left out. It may be a comment, or the attachment to the index of
// a partitioned table.
func (s *Shadow) needsUnbuilt(e archive.Entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(e.Deps, func(id int) bool { return slices.Contains(s.unbuilt, id) })
}

// missesName reports whether a function, table, type or schema was not found.
func missesName(err error) bool {
	switch pgsession.Code(err) {
	case "42883", "42P01", "42704", "3F000":
		return true
	}
	return false
}
