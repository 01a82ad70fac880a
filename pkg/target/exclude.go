package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// partConstraint is a constraint of a partition. PostgreSQL makes it together with the constraint of the parent.
type partConstraint struct {
	table  string // the partition, quoted
	parent string // the index of the parent's constraint, quoted
	name   string // the name of the constraint in the source, quoted
	more   string // statements that follow in the entry
}

// wholeExclusions changes how EXCLUDE constraints and keys WITHOUT OVERLAPS of partitioned tables are made. pg_dump
// makes such a constraint on each partition, and then attaches its index to the parent's index. PostgreSQL refuses the
// attachment, because it cannot compare such indexes. So masker makes the constraint on the parent, and PostgreSQL
// makes it on all partitions. The job of the attachment then gives the partition's constraint the name that it has in
// the source.
func (d *ddl) wholeExclusions() {
	d.parts = map[int]partConstraint{}
	attached := map[int]int{} // by constraint of a partition, its attachment
	parents := map[int]bool{}
	for _, a := range d.post {
		parent, part, ok := d.exclusion(a)
		if !ok {
			continue
		}
		head, more, _ := strings.Cut(part.Defn, ";\n")
		table, _, _ := strings.Cut(strings.TrimPrefix(head, alterOnly), "\n")
		index, _, _ := strings.Cut(strings.TrimPrefix(a.Defn, "ALTER INDEX "), " ATTACH PARTITION ")
		d.parts[a.ID] = partConstraint{table: table, parent: index, name: catalog.Quote(a.Tag), more: more}
		attached[part.ID], parents[parent.ID] = a.ID, true
	}
	kept := d.post[:0]
	for _, e := range d.post {
		if _, ok := attached[e.ID]; ok {
			continue
		}
		if parents[e.ID] {
			e.Defn = "ALTER TABLE " + strings.TrimPrefix(e.Defn, alterOnly)
		}
		e.Deps = slices.Clone(e.Deps)
		for i, id := range e.Deps {
			if a, ok := attached[id]; ok && a != e.ID {
				e.Deps[i] = a
			}
		}
		kept = append(kept, e)
	}
	d.post = kept
}

const alterOnly = "ALTER TABLE ONLY "

// exclusion returns two constraints if an entry attaches the index of the second to the index of the first. parent is
// the constraint of a partitioned table, and part the one of its partition. Both are EXCLUDE constraints, or keys
// WITHOUT OVERLAPS. For any other entry, ok is false.
func (d *ddl) exclusion(a archive.Entry) (parent, part archive.Entry, ok bool) {
	if a.Desc != "INDEX ATTACH" {
		return parent, part, false
	}
	for _, id := range a.Deps {
		e := d.all[id]
		if e.Desc == "CONSTRAINT" && strings.HasSuffix(e.Tag, " "+a.Tag) && strings.Contains(e.Defn, "\n    ADD CONSTRAINT "+catalog.Quote(a.Tag)+" ") &&
			(strings.Contains(e.Defn, " EXCLUDE USING ") || strings.Contains(e.Defn, " WITHOUT OVERLAPS)")) {
			part = e
		}
	}
	for _, id := range part.Deps {
		if slices.Contains(a.Deps, id) && d.all[id].Desc == "CONSTRAINT" {
			return d.all[id], part, true
		}
	}
	return parent, part, false
}

// namePart gives the constraint of a partition its name in the source, and then executes the other statements of the
// constraint's entry. PostgreSQL chooses another name if somebody has renamed the constraint or the partition in the
// source.
func (s *Shadow) namePart(ctx context.Context, conn *pgx.Conn, p partConstraint) error {
	var name string
	err := conn.QueryRow(ctx, `SELECT conname::text FROM pg_constraint JOIN pg_inherits ON inhrelid = conindid
		WHERE conrelid = $1::text::regclass AND inhparent = $2::text::regclass`, p.table, p.parent).Scan(&name)
	if err != nil {
		return fmt.Errorf("reading the constraint of %s: %w", p.table, pgsession.Safe(err))
	}
	if catalog.Quote(name) != p.name {
		if err := s.statement(ctx, conn, "ALTER TABLE "+p.table+" RENAME CONSTRAINT "+catalog.Quote(name)+" TO "+p.name); err != nil {
			return fmt.Errorf("naming constraint %s of %s: %w", p.name, p.table, err)
		}
	}
	if strings.TrimSpace(p.more) == "" {
		return nil
	}
	return s.statement(ctx, conn, p.more)
}
