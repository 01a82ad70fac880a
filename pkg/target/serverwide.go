package target

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/archive"
)

// serverWide says whether an entry is about something of the whole server: a database, a role or a tablespace.
// The archive names such objects as the source's server has them, and another one of that name may be on the
// target's. Any one sign is enough: the entry's kind, what it needs, its tag, or a statement of it.
func (d *ddl) serverWide(e archive.Entry) bool {
	if ofServer(e.Desc) {
		return true
	}
	switch e.Desc {
	case "COMMENT", "SECURITY LABEL", "ACL": // their tags begin with the kind of their object
		if ofServer(e.Tag) {
			return true
		}
	}
	for _, id := range e.Deps {
		if dep, ok := d.all[id]; ok && ofServer(dep.Desc) {
			return true
		}
	}
	return slices.ContainsFunc(statements(e.Defn), changesServer)
}

// ofServer says whether the kind of object that a text begins with belongs to the server.
func ofServer(text string) bool {
	kind, _, _ := strings.Cut(text, " ")
	switch kind {
	case "DATABASE", "ROLE", "USER", "GROUP", "TABLESPACE", "SYSTEM", "PARAMETER":
		return true
	}
	return false
}

// changesServer says whether a statement reaches past the database it is executed in. Rights and labels are the
// target's own, whatever they are on.
func changesServer(statement string) bool {
	words := append(keywords(statement, 3), "", "", "")
	switch words[0] {
	case "GRANT", "REVOKE", "REASSIGN", "SECURITY":
		return true
	case "CREATE", "ALTER", "DROP":
		return ofServer(words[1])
	case "COMMENT":
		return ofServer(words[2])
	}
	return false
}
