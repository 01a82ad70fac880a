package target

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/provenance"
)

// maxIdent is the maximum length of a name in PostgreSQL, in bytes (NAMEDATALEN - 1).
const maxIdent = 63

// derivedName returns target + infix + run. If this name has more than 63 bytes, derivedName cuts off the end of
// target. It never cuts run, because different runs must get different names. The mark has the full name of the target.
func derivedName(target, infix, run string) (string, error) {
	room := maxIdent - len(infix) - len(run)
	if run == "" || room < 1 {
		return "", errors.New("the identifier of the run must have 1 to 40 bytes, to be part of a database name")
	}
	return truncate(target, room) + infix + run, nil
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

const (
	shadowInfix   = "_masker_"
	previousInfix = "_previous_"
)

// ShadowName returns the name of the database that a run builds for a target. The ledger records the name at the start
// of the run. Recover can therefore find the database even if the run ended before it wrote the mark.
func ShadowName(target, run string) (string, error) { return derivedName(target, shadowInfix, run) }

// runIn is the inverse of derivedName. If derivedName makes the name database for a run of the target, runIn returns
// this run.
func runIn(target, database, infix string) (run string, ok bool) {
	for i := 1; i < len(database); i++ {
		if !strings.HasPrefix(database[i:], infix) {
			continue
		}
		run := database[i+len(infix):]
		if name, err := derivedName(target, infix, run); err == nil && name == database {
			return run, true
		}
	}
	return "", false
}

// previousName returns the name that a database gets when run replaces it.
func previousName(target, run string) (string, error) { return derivedName(target, previousInfix, run) }

// Published returns the run that made the present target. It returns "" if it is not proven that masker made the
// target. The ledger uses the result to find out whether a run that did not end properly has published the target.
func (p *Postgres) Published() string { return p.published }

// Marked reports whether the target has a mark that says that masker made it.
func (p *Postgres) Marked() bool {
	if p.old == nil {
		return false
	}
	m, ok := provenance.ParseMark(p.old.comment)
	return ok && m.State == provenance.Published
}

// Replaces returns the OID of the database that the run would replace, or 0 if there is none.
func (p *Postgres) Replaces() uint32 {
	if p.old == nil {
		return 0
	}
	return p.old.oid
}
