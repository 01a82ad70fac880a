package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// ddl holds the entries of the archive that masker executes on the shadow. Some of them are rewritten.
type ddl struct {
	pre      []archive.Entry // before the rows; in archive order
	post     []archive.Entry // after the rows; in archive order, but their dependencies decide when they run
	policies []archive.Entry // policies and row security; after materialized views, whose owner must read all rows
	events   []archive.Entry // event triggers; last, so that masker's own statements do not fire them
	all      map[int]archive.Entry
	dropped  []string
	comments int                    // number of comments that a decision drops
	parts    map[int]partConstraint // constraints of partitions, by the id of the entry that attaches the constraint's index in the dump
}

// selectDDL decides which entries are executed. It leaves out an entry because of its kind, or because it is about the
// whole server. It also leaves out entries that a decision drops, and entries that need an object that is dropped. It
// changes some of the other entries. The argument version is the target's setting server_version_num.
func selectDDL(spec sides.Shadow, version int) (*ddl, error) {
	d := &ddl{all: map[int]archive.Entry{}}
	chosen, err := d.choose(spec)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, e := range chosen {
		e, err := rewrite(e, spec)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", label(e), err))
			continue
		}
		if e.Desc == "SEQUENCE" && version < 150000 {
			e.Defn = alwaysLogged(e.Defn)
		}
		d.add(e)
	}
	d.wholeExclusions()
	return d, errors.Join(problems...)
}

// choose returns the entries that the target executes, in archive order. It returns them even if it also returns an
// error.
func (d *ddl) choose(spec sides.Shadow) ([]archive.Entry, error) {
	for _, e := range spec.Archive.Entries {
		d.all[e.ID] = e
	}
	gone, err := d.dropClosure(spec)
	var chosen []archive.Entry
	for _, e := range spec.Archive.Entries {
		if !skipped(e) && !d.serverWide(e) && !gone[e.ID] && strings.TrimSpace(e.Defn) != "" {
			chosen = append(chosen, e)
		}
	}
	return chosen, err
}

// Executes returns the entries of an archive that the target would execute on a shadow with these decisions. Each entry
// has the SQL that the target executes, with one exception: policies still name the roles of the source. Executes does
// not report decisions that do not fit the archive, because Create reports them.
func Executes(a *archive.Archive, decided sides.Decisions) ([]archive.Entry, error) {
	spec := sides.Shadow{Archive: a, Decisions: decided}
	chosen, _ := (&ddl{all: map[int]archive.Entry{}}).choose(spec)
	for i, e := range chosen {
		if e.Desc == "POLICY" {
			continue
		}
		var err error
		if chosen[i], err = rewrite(e, spec); err != nil {
			return nil, fmt.Errorf("%s: %w", label(e), err)
		}
	}
	return chosen, nil
}

// skipped reports whether entries of this kind are never executed on a shadow. masker copies rows and values of
// sequences in another way. Privileges come from the old target. Security labels are not copied, and neither are
// statistics, which have values. Publications, subscriptions and user mappings are left out, because a target must not
// connect to production.
func skipped(e archive.Entry) bool {
	switch e.Desc {
	case "ENCODING", "STDSTRINGS", "SEARCHPATH", "ACL", "ACL LANGUAGE", "DEFAULT ACL", "SECURITY LABEL",
		"TABLE DATA", "SEQUENCE SET", "BLOB", "BLOBS", "BLOB METADATA", "MATERIALIZED VIEW DATA", "STATISTICS DATA",
		"USER MAPPING", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA",
		"SUBSCRIPTION", "SUBSCRIPTION TABLE":
		return true
	}
	return false
}

// decided reports whether a decision drops the entry itself. It also returns true for publications, subscriptions and
// user mappings, which are always left out.
func decided(e archive.Entry, d sides.Decisions) bool {
	if leavesOut(e, d) {
		return true
	}
	switch e.Desc {
	case "SERVER", "FOREIGN DATA WRAPPER":
		return d.ForeignServers != decisionKeep
	case "FOREIGN TABLE":
		return d.ForeignTables != decisionKeep && d.ForeignTables != decisionEmpty
	case "EVENT TRIGGER":
		return d.EventTriggers != decisionKeep
	case "EXTENSION":
		return d.DropsExtension(e.Tag)
	case "COMMENT":
		return d.Comments != decisionKeep
	}
	return skipped(e) && (e.Desc == "PUBLICATION" || e.Desc == "SUBSCRIPTION" || e.Desc == "USER MAPPING")
}

// dropClosure returns the ids of the entries that the decisions drop, and of all entries that need a dropped entry. It
// adds the names of the entries that need a dropped entry to d.dropped. It returns an error if a table needs a dropped
// entry.
func (d *ddl) dropClosure(spec sides.Shadow) (map[int]bool, error) {
	gone := map[int]bool{}
	for _, e := range spec.Archive.Entries {
		if decided(e, spec.Decisions) {
			gone[e.ID] = true
			if e.Desc == "COMMENT" && !d.serverWide(e) && !strings.HasPrefix(e.Tag, "EXTENSION ") { // CREATE EXTENSION writes this comment
				d.comments++
			}
		}
	}
	var problems []error
	for changed := true; changed; {
		changed = false
		for _, e := range spec.Archive.Entries {
			culprit, needs := d.needsGone(e, gone, spec.Decisions)
			if gone[e.ID] || !needs {
				continue
			}
			gone[e.ID], changed = true, true
			if e.Desc == "COMMENT" || e.Desc == "INDEX ATTACH" || skipped(e) {
				continue
			}
			d.dropped = append(d.dropped, fmt.Sprintf("%s (needs %s)", label(e), label(culprit)))
			if e.Desc == "TABLE" {
				problems = append(problems, fmt.Errorf("%s needs %s, which a decision drops; change the decision to keep, or drop the table from the source", label(e), label(culprit)))
			}
		}
	}
	slices.Sort(d.dropped)
	return gone, errors.Join(problems...)
}

// needsGone returns a dropped entry that e needs, and whether there is one. A foreign table that becomes an ordinary
// table does not need its server.
func (d *ddl) needsGone(e archive.Entry, gone map[int]bool, decisions sides.Decisions) (archive.Entry, bool) {
	for _, id := range e.Deps {
		if !gone[id] {
			continue
		}
		dep := d.all[id]
		standsIn := e.Desc == "FOREIGN TABLE" && decisions.ForeignTables == decisionEmpty
		if standsIn && (dep.Desc == "SERVER" || dep.Desc == "FOREIGN DATA WRAPPER") {
			continue
		}
		return dep, true
	}
	return archive.Entry{}, false
}

// rewrite changes definitions that must not be executed as they are.
func rewrite(e archive.Entry, spec sides.Shadow) (archive.Entry, error) {
	var err error
	switch e.Desc {
	case "SERVER", "FOREIGN DATA WRAPPER":
		e.Defn, err = withoutOptions(e.Defn)
	case "FOREIGN TABLE":
		if spec.Decisions.ForeignTables == decisionEmpty {
			e.Defn, err = asPlainTable(e.Defn)
		}
	case "COMMENT":
		if spec.Decisions.ForeignTables == decisionEmpty {
			e.Defn = strings.Replace(e.Defn, "COMMENT ON FOREIGN TABLE ", "COMMENT ON TABLE ", 1)
		}
	case "DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT": // the default of an inherited column, a CHECK that is NOT VALID
		if rest, ok := strings.CutPrefix(e.Defn, "ALTER FOREIGN TABLE "); ok && spec.Decisions.ForeignTables == decisionEmpty {
			e.Defn = "ALTER TABLE " + rest
		}
	case "POLICY":
		e.Defn, err = mapPolicy(e.Defn, spec.Roles)
	case "FUNCTION", "PROCEDURE":
		err = everyNameIsWritten(e.Defn)
	}
	return e, err
}

// add adds an entry to the list of its phase.
func (d *ddl) add(e archive.Entry) {
	switch d.phase(e) {
	case phasePre:
		d.pre = append(d.pre, e)
	case phasePost:
		d.post = append(d.post, e)
	case phasePolicies:
		d.policies = append(d.policies, e)
	case phaseEvents:
		d.events = append(d.events, e)
	}
}

// phase says when an entry is executed. The constants are in the order of execution.
type phase int

const (
	phasePre phase = iota
	phasePost
	phasePolicies
	phaseEvents
)

// phase returns the phase of an entry. A comment has the phase of its object.
func (d *ddl) phase(e archive.Entry) phase {
	switch e.Desc {
	case "POLICY", "ROW SECURITY":
		return phasePolicies
	case "EVENT TRIGGER":
		return phaseEvents
	case "COMMENT":
		at := phasePre
		for _, id := range e.Deps {
			if dep, ok := d.all[id]; ok && dep.Desc != "COMMENT" {
				at = max(at, d.phase(dep))
			}
		}
		return at
	}
	if e.Section == archive.PostData {
		return phasePost
	}
	return phasePre
}

// label returns a name of an entry for messages.
func label(e archive.Entry) string {
	name := e.Tag
	if e.Namespace != "" {
		name = catalog.Quote(e.Namespace) + "." + name
	}
	return strings.ToLower(e.Desc) + " " + name
}

// tableName returns the name of a relation from its entry.
func tableName(e archive.Entry) catalog.Name { return catalog.Name{Schema: e.Namespace, Name: e.Tag} }
