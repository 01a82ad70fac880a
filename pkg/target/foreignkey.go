package target

import (
	"strings"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// mergeJoin has the query that validates a foreign key walk both sides in the order of their indexes, or
// sort what has none: each row of the child that looks its parent up in a hash table misses the processor's
// caches, and takes two to five times as long (docs/design/0017).
const mergeJoin = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off; "

// foreignKeyJobs adds a foreign key in two steps where PostgreSQL can: NOT VALID, which locks child and
// parent for an instant, then VALIDATE, which locks the child alone and lets the parent be analyzed and
// other foreign keys be added beside it. The outcome is the same.
func (s *Shadow) foreignKeyJobs(whole job, e archive.Entry, do func(defn string) work) []job {
	fk, ok := s.foreignKey(e)
	if !ok {
		return []job{whole}
	}
	add, validate := whole, whole
	add.weight = 1
	add.do = do(strings.TrimSuffix(e.Defn, ";\n") + " NOT VALID;\n")
	validate.id = -whole.id
	validate.deps = []int{whole.id}
	validate.locks = map[lockable]bool{{fk.Child, false}: true}
	validate.do = do(mergeJoin + "ALTER TABLE ONLY " + fk.Child.String() + " VALIDATE CONSTRAINT " + catalog.Quote(fk.Name))
	return []job{add, validate}
}

// foreignKey is the constraint an entry makes, where it can be made NOT VALID: partitioned
// tables cannot before 18, and one that is NOT VALID in the source stays so.
func (s *Shadow) foreignKey(e archive.Entry) (catalog.ForeignKey, bool) {
	if e.Desc != "FK CONSTRAINT" || !strings.HasSuffix(e.Defn, ";\n") {
		return catalog.ForeignKey{}, false
	}
	for _, fk := range s.spec.Source.ForeignKeys {
		if fk.Child.Schema != e.Namespace || fk.Child.Name+" "+fk.Name != e.Tag {
			continue
		}
		child, parent := s.spec.Source.Table(fk.Child), s.spec.Source.Table(fk.Parent)
		return fk, !fk.NotValid && child != nil && !child.Partitioned && parent != nil && !parent.Partitioned
	}
	return catalog.ForeignKey{}, false
}
