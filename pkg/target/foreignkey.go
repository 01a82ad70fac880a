package target

import (
	"context"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
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
	fk, found := s.foreignKey(e)
	if found {
		whole.do = s.orphans(fk, e, whole.do)
	}
	if !found || !s.inTwoSteps(fk) {
		return []job{whole}
	}
	add, validate := whole, whole
	add.weight = 1
	add.do = do(strings.TrimSuffix(e.Defn, ";\n") + " NOT VALID;\n")
	validate.id = -whole.id
	validate.deps = []int{whole.id}
	validate.locks = map[lockable]bool{{fk.Child, false}: true}
	validate.do = s.orphans(fk, e, do(mergeJoin+"ALTER TABLE ONLY "+fk.Child.String()+" VALIDATE CONSTRAINT "+catalog.Quote(fk.Name)))
	return []job{add, validate}
}

// orphans lets a foreign key that production's own rows break stay NOT VALID, where no treated column is involved: new
// rows are held to it, as in production. Where it cannot be NOT VALID it is left out.
func (s *Shadow) orphans(fk catalog.ForeignKey, e archive.Entry, do work) work {
	return func(ctx context.Context, t turn) error {
		err := do(ctx, t)
		if pgsession.Code(err) != "23503" || s.treats(fk.Child, fk.ChildColumns...) || s.treats(fk.Parent, fk.ParentColumns...) {
			return err
		}
		if s.inTwoSteps(fk) {
			s.note("foreign key %s of %s is NOT VALID: rows of the source have no counterpart", fk.Name, fk.Child)
			return nil
		}
		s.note("foreign key %s of %s is left out: rows of the source have no counterpart, and it cannot be NOT VALID", fk.Name, fk.Child)
		return nil
	}
}

// inTwoSteps says whether a foreign key can be made NOT VALID: partitioned tables cannot before 18, and one that is NOT
// VALID in the source stays so.
func (s *Shadow) inTwoSteps(fk catalog.ForeignKey) bool {
	child, parent := s.spec.Source.Table(fk.Child), s.spec.Source.Table(fk.Parent)
	return !fk.NotValid && child != nil && !child.Partitioned && parent != nil && !parent.Partitioned
}

// foreignKey is the constraint an entry makes.
func (s *Shadow) foreignKey(e archive.Entry) (catalog.ForeignKey, bool) {
	if e.Desc != "FK CONSTRAINT" || !strings.HasSuffix(e.Defn, ";\n") {
		return catalog.ForeignKey{}, false
	}
	for _, fk := range s.spec.Source.ForeignKeys {
		if fk.Child.Schema != e.Namespace || fk.Child.Name+" "+fk.Name != e.Tag {
			continue
		}
		return fk, true
	}
	return catalog.ForeignKey{}, false
}
