package target

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/provenance"
)

// maxIdent is the longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1).
const maxIdent = 63

// derivedName is target + infix + run within PostgreSQL's 63 bytes. A long target is cut, never the
// run: the run keeps names of different refreshes apart, and the marker says the target in full.
func derivedName(target, infix, run string) (string, error) {
	room := maxIdent - len(infix) - len(run)
	if run == "" || room < 1 {
		return "", errors.New("the run's id does not fit a database name; want 1 to 40 bytes")
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

// ShadowName is the name of the database a run builds for a target; the ledger's start record
// names it, so that recovery knows it even where the run died before marking it.
func ShadowName(target, run string) (string, error) { return derivedName(target, shadowInfix, run) }

// runOf is the inverse of ShadowName for one target: the run a database name claims.
func runOf(target, database string) (run string, ok bool) {
	for i := 1; i < len(database); i++ {
		if !strings.HasPrefix(database[i:], shadowInfix) {
			continue
		}
		run := database[i+len(shadowInfix):]
		if name, err := ShadowName(target, run); err == nil && name == database {
			return run, true
		}
	}
	return "", false
}

// previousName is the name that a replaced database gets from the run that replaced it.
func previousName(target, run string) (string, error) { return derivedName(target, previousInfix, run) }

// Published is the run that is proven to have made the target as it is, "" where none is. It tells the ledger
// whether a run that died had published before.
func (p *Postgres) Published() string { return p.published }

// Marked says whether the target's comment claims that masker made it.
func (p *Postgres) Marked() bool {
	if p.old == nil {
		return false
	}
	m, ok := provenance.ParseMark(p.old.comment)
	return ok && m.State == provenance.Published
}

// Replaces is the OID of the database that the run would replace, 0 where there is none.
func (p *Postgres) Replaces() uint32 {
	if p.old == nil {
		return 0
	}
	return p.old.oid
}
