package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// matchTables finds the schema's table for each table of the rules, and the tables of each subject.
func (b *builder) matchTables() {
	for _, rt := range b.set.Tables {
		t := b.byName[rt.Name]
		if t == nil {
			b.fail(rt.Pos, "%s", b.noTable(rt.Name))
			continue
		}
		if t.skip != "" {
			if rt.Skip == nil {
				b.fail(rt.Pos, "%s has rules here and its rows stay behind (%s); keep one of them", rt.Name, t.skip)
			}
			continue
		}
		t.rules = rt
		if rt.Skip != nil {
			t.skip, t.skipPos = rt.Skip.Reason, rt.Skip.Pos
		}
	}
	b.bySubject = map[cell][]*tableState{}
	for _, t := range b.tables {
		if s := b.subjectOf(t); s != nil {
			b.bySubject[b.root(s.at)] = append(b.bySubject[b.root(s.at)], t)
		}
	}
}

func (b *builder) noTable(want catalog.Name) string {
	if t := b.all[want]; t != nil {
		return fmt.Sprintf("%s is a partition; its rules are those of its root %s", want, t.Decider())
	}
	if slices.Contains(b.db.ForeignTables, want) {
		return fmt.Sprintf("%s is a foreign table; objects.foreign_tables decides on those", want)
	}
	var names []string
	for name := range b.byName {
		if strings.EqualFold(name.Schema, want.Schema) && strings.EqualFold(name.Name, want.Name) {
			return fmt.Sprintf("table %s does not exist, %s does; quote it as SQL would: %s:", want, name, ruleset.YAMLText(name.String()))
		}
		names = append(names, name.String())
	}
	slices.Sort(names)
	return fmt.Sprintf("table %s does not exist%s", want, spell.Mean(want.String(), names))
}

// decide gives each column its rule from the rules of its table.
func (b *builder) decide() {
	for _, t := range b.tables {
		if t.skip == "" {
			b.decideProposed(t)
		}
		if t.rules == nil || t.skip != "" {
			continue
		}
		for _, rc := range t.rules.Columns {
			if c := b.find(t, rc.Ident); c != nil {
				c.rule, c.pos = &rc.Rule, rc.Pos
			}
		}
		if t.rules.Keep != nil {
			for _, id := range t.rules.Keep.Only {
				if c := b.find(t, id); c != nil {
					c.kept, c.pos, c.reason = t.rules.Keep, id.Pos, "kept: "+t.rules.Keep.Reason
				}
			}
		}
	}
}

// find returns the column that a rule names. If the table has no such column, or the column is
// generated, find adds a problem and returns nil.
func (b *builder) find(t *tableState, id ruleset.Ident) *columnState {
	c := b.named(t, id)
	if c != nil && c.cat.Generated {
		b.fail(id.Pos, "%s is generated; the target computes it: remove the rule", c.at)
		return nil
	}
	return c
}

// named returns the column with that name. If the table has none, named adds a problem and returns nil.
func (b *builder) named(t *tableState, id ruleset.Ident) *columnState {
	if c := t.column(id.Name); c != nil {
		return c
	}
	var names []string
	for _, c := range t.columns {
		if strings.EqualFold(c.cat.Name, id.Name) {
			b.fail(id.Pos, "%s has no column %s, but %s; quote it as SQL would: %s", t.cat.Name,
				catalog.Quote(id.Name), catalog.Quote(c.cat.Name), ruleset.YAMLKey(c.cat.Name))
			return nil
		}
		names = append(names, catalog.Quote(c.cat.Name))
	}
	b.fail(id.Pos, "%s has no column %s%s", t.cat.Name, catalog.Quote(id.Name), spell.Mean(catalog.Quote(id.Name), names))
	return nil
}

// objects resolves the decisions on kinds of objects. It also skips the tables whose kind is dropped or undecided, and
// the tables that an extension makes. For comments, the plan has a decision only if the rules keep them. Without a
// decision, the target gets no comments.
func (b *builder) objects() {
	b.decidedObjects = []Object{}
	for _, kind := range ruleset.ObjectKinds() {
		if o := b.set.Object(kind); o != nil && (kind != ruleset.Comments || o.Decision == "keep") {
			b.decidedObjects = append(b.decidedObjects, Object{Kind: kind, Decision: o.Decision, Reason: o.Reason, Pos: o.Pos.String()})
		}
	}
	servers, tables := b.set.Object("foreign_servers"), b.set.Object("foreign_tables")
	if tables != nil && tables.Decision == "keep" && servers != nil && servers.Decision == "drop" {
		b.fail(tables.Pos, "foreign tables cannot be kept where foreign_servers are dropped (%s)", servers.Pos)
	}
	if o, denied := b.set.Object("large_objects"), b.db.LargeObjects.Denied; o != nil && o.Decision == "keep" && denied != 0 {
		b.fail(o.Pos, "the source's role may not read all large objects, such as %d, and pg_read_all_data does not include them; GRANT SELECT ON LARGE OBJECT for each, read with their owner's role, or write large_objects: drop", denied)
	}
	if o := b.set.Object("unlogged_tables"); o != nil && o.Decision == "drop" {
		for _, t := range b.db.Tables {
			if t.Unlogged && t.Root != nil {
				b.fail(o.Pos, "%s is an unlogged partition of %s; one partition cannot be left behind: keep unlogged_tables with a reason", t.Name, *t.Root)
			}
		}
	}
	for _, t := range b.tables {
		switch {
		case t.cat.ExtMember != "" && t.cat.ExtConfig == "":
			t.skip = "extension " + t.cat.ExtMember + " makes it"
		case t.cat.ExtConfig != "":
			b.leave(t, "extension_tables")
		case t.cat.Unlogged:
			b.leave(t, "unlogged_tables")
		}
	}
}

// leave skips a table if its kind of objects is dropped or is not decided yet.
func (b *builder) leave(t *tableState, kind string) {
	o := b.set.Object(kind)
	switch {
	case o == nil:
		t.skip = "objects." + kind + " is undecided"
	case o.Decision == "drop":
		t.skip, t.skipPos = "objects."+kind+": drop", o.Pos
	}
}

// Present returns the names of a database's objects that need a decision, by kind.
func Present(db *catalog.Database) map[string][]string {
	out := map[string][]string{}
	if db.LargeObjects.Any || db.LargeObjects.Count > 0 {
		out["large_objects"] = []string{"large objects"}
	}
	for _, s := range db.ForeignServers {
		out["foreign_servers"] = append(out["foreign_servers"], catalog.Quote(s.Name))
	}
	for _, n := range db.ForeignTables {
		out["foreign_tables"] = append(out["foreign_tables"], n.String())
	}
	for _, n := range db.EventTriggers {
		out["event_triggers"] = append(out["event_triggers"], catalog.Quote(n))
	}
	for _, e := range db.Extensions {
		if slices.Contains(JobSchedulers(), e.Name) {
			out["job_schedulers"] = append(out["job_schedulers"], e.Name)
		}
	}
	for _, t := range db.Tables {
		switch {
		case t.ExtConfig != "":
			out["extension_tables"] = append(out["extension_tables"], t.Name.String())
		case t.Unlogged && t.ExtMember == "":
			out["unlogged_tables"] = append(out["unlogged_tables"], t.Name.String())
		}
	}
	for _, names := range out {
		slices.Sort(names)
	}
	return out
}

// JobSchedulers lists the extensions that run jobs by themselves. In a copy of a database, they would start the jobs
// of the original.
func JobSchedulers() []string { return []string{"pg_cron", "pgagent", "pg_timetable"} }

// missingObjects returns the kinds of objects that exist and have no decision, in the order of ObjectKinds.
func (b *builder) missingObjects() []string {
	have := Present(b.db)
	var out []string
	for _, kind := range ruleset.ObjectKinds() {
		if len(have[kind]) > 0 && b.set.Object(kind) == nil {
			out = append(out, kind)
		}
	}
	return out
}

func classNames(set *ruleset.Set) []string { return slices.Sorted(maps.Keys(set.Classes)) }
