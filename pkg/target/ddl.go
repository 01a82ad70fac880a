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

// ddl is the archive's table of contents, chosen and rewritten for the shadow.
type ddl struct {
	pre     []archive.Entry // in archive order
	post    []archive.Entry // the same; scheduled by dependencies
	guards  []archive.Entry // policies and row security: after materialized views, which their owner must fill in full
	events  []archive.Entry // event triggers: last, so that they do not fire on our own statements
	all     map[int]archive.Entry
	dropped []string
}

// selectDDL decides on every entry: skipped by its kind, left out because it is about the server, dropped by a decision or because it needs
// something dropped, rewritten, or taken as it is.
func selectDDL(spec sides.Shadow) (*ddl, error) {
	d := &ddl{all: map[int]archive.Entry{}}
	for _, e := range spec.Archive.Entries {
		d.all[e.ID] = e
	}
	gone, err := d.dropClosure(spec)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, e := range spec.Archive.Entries {
		if skipped(e) || d.serverWide(e) || gone[e.ID] || strings.TrimSpace(e.Defn) == "" {
			continue
		}
		e, err := rewrite(e, spec)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", label(e), err))
			continue
		}
		d.place(e)
	}
	return d, errors.Join(problems...)
}

// skipped says whether entries of this kind never reach a shadow: rows and positions come by
// another road, access rights are the target's own, and nothing may lead back to production.
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

// decided says whether a decision drops the entry itself.
func decided(e archive.Entry, d sides.Decisions) bool {
	switch e.Desc {
	case "SERVER", "FOREIGN DATA WRAPPER":
		return d.ForeignServers != decisionKeep
	case "FOREIGN TABLE":
		return d.ForeignTables != decisionKeep && d.ForeignTables != decisionEmpty
	case "EVENT TRIGGER":
		return d.EventTriggers != decisionKeep
	case "EXTENSION":
		return d.DropsExtension(e.Tag)
	}
	return skipped(e) && (e.Desc == "PUBLICATION" || e.Desc == "SUBSCRIPTION" || e.Desc == "USER MAPPING")
}

// dropClosure finds what the decisions drop and everything that needs it, and names the latter.
func (d *ddl) dropClosure(spec sides.Shadow) (map[int]bool, error) {
	gone := map[int]bool{}
	for _, e := range spec.Archive.Entries {
		if decided(e, spec.Decisions) {
			gone[e.ID] = true
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
			if e.Desc == "COMMENT" || skipped(e) {
				continue
			}
			d.dropped = append(d.dropped, fmt.Sprintf("%s (needs %s)", label(e), label(culprit)))
			if e.Desc == "TABLE" {
				problems = append(problems, fmt.Errorf("%s needs %s, which a decision drops; keep that, or drop the table from the source", label(e), label(culprit)))
			}
		}
	}
	slices.Sort(d.dropped)
	return gone, errors.Join(problems...)
}

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

// rewrite changes what a definition says where it must not arrive as it is.
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
	case "POLICY":
		e.Defn, err = mapPolicy(e.Defn, spec.Roles)
	}
	return e, err
}

// place puts an entry into the phase that makes it. A comment goes where its object goes.
func (d *ddl) place(e archive.Entry) {
	switch d.phase(e) {
	case phasePre:
		d.pre = append(d.pre, e)
	case phasePost:
		d.post = append(d.post, e)
	case phaseGuards:
		d.guards = append(d.guards, e)
	case phaseEvents:
		d.events = append(d.events, e)
	}
}

type phase int

const (
	phasePre phase = iota
	phasePost
	phaseGuards
	phaseEvents
)

func (d *ddl) phase(e archive.Entry) phase {
	switch e.Desc {
	case "POLICY", "ROW SECURITY":
		return phaseGuards
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

// label names an entry for people.
func label(e archive.Entry) string {
	name := e.Tag
	if e.Namespace != "" {
		name = catalog.Quote(e.Namespace) + "." + name
	}
	return strings.ToLower(e.Desc) + " " + name
}

// tableName is the name of an entry that is a relation.
func tableName(e archive.Entry) catalog.Name { return catalog.Name{Schema: e.Namespace, Name: e.Tag} }
