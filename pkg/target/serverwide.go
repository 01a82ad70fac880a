package target

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/archive"
)

// serverWide reports whether an entry is about an object of the whole server: a database, a role, a tablespace or a
// configuration parameter. The archive has the names from the source's server, and an object of the same name on the
// target's server may be a different object. serverWide looks at the entry's kind, the entries that it depends on, its
// tag and its statements. If one of them concerns the whole server, the entry does.
func (d *ddl) serverWide(e archive.Entry) bool {
	if ofServer(e.Desc) {
		return true
	}
	switch e.Desc {
	case "COMMENT", "SECURITY LABEL", "ACL": // their tags begin with the kind of the object
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

// ofServer reports whether a text begins with a kind of object that belongs to the whole server.
func ofServer(text string) bool {
	kind, _, _ := strings.Cut(text, " ")
	switch kind {
	case "DATABASE", "ROLE", "USER", "GROUP", "TABLESPACE", "SYSTEM", "PARAMETER":
		return true
	}
	return false
}

// changesServer reports whether a statement can change something outside the database in which it is executed.
// Statements on privileges and labels always count, because a target has privileges and labels of its own.
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
