package target

import (
	"context"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// mergeJoin makes PostgreSQL validate a foreign key with a merge join over sorted rows. A hash join takes two to five
// times as long, because each look-up in a large hash table misses the processor's caches. mergeJoin also forbids
// reading the indexes in order. The rows are new, so no page is marked as visible to all. With an index, PostgreSQL
// would then fetch each row from the table in random order. This is slow if the table is larger than the server's
// buffers (docs/design/0017).
const mergeJoin = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_nestloop = off; " +
	"SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off; "

// foreignKeyJobs splits the job of a foreign key in two if PostgreSQL can do that. The first job adds the constraint as
// NOT VALID, which locks child and parent for a moment. The second job validates the constraint, which locks only the
// child. Meanwhile, other jobs can analyze the parent or add other foreign keys to it. The resulting constraint is the
// same.
func (s *Shadow) foreignKeyJobs(whole job, e archive.Entry, do func(defn string) work) []job {
	fk, found := s.foreignKey(e)
	if found {
		whole.do = s.orphans(fk, whole.do)
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
	validate.do = s.orphans(fk, do(mergeJoin+"ALTER TABLE ONLY "+fk.Child.String()+" VALIDATE CONSTRAINT "+catalog.Quote(fk.Name)))
	return []job{add, validate}
}

// orphans returns work that accepts rows that violate the foreign key, if no column of the key is treated. Such rows
// violate the key in the source, too. The constraint then stays NOT VALID, and PostgreSQL checks only new rows. If the
// constraint cannot be NOT VALID, it is left out.
func (s *Shadow) orphans(fk catalog.ForeignKey, do work) work {
	return func(ctx context.Context, t turn) error {
		err := do(ctx, t)
		if pgsession.Code(err) != "23503" || s.treats(fk.Child, fk.ChildColumns...) || s.treats(fk.Parent, fk.ParentColumns...) {
			return err
		}
		if s.inTwoSteps(fk) {
			s.note("foreign key %s of %s is NOT VALID: rows of the source have no counterpart", fk.Name, fk.Child)
		} else {
			s.note("foreign key %s of %s is left out: rows of the source have no counterpart, and it cannot be NOT VALID", fk.Name, fk.Child)
		}
		return nil
	}
}

// inTwoSteps reports whether a foreign key is first added as NOT VALID and then validated. It returns false for
// partitioned tables, because PostgreSQL before version 18 cannot do this for them. It also returns false for a
// constraint that is NOT VALID in the source, because this constraint is not validated.
func (s *Shadow) inTwoSteps(fk catalog.ForeignKey) bool {
	child, parent := s.spec.Source.Table(fk.Child), s.spec.Source.Table(fk.Parent)
	return !fk.NotValid && child != nil && !child.Partitioned && parent != nil && !parent.Partitioned
}

// foreignKey returns the constraint that an entry makes, and whether it makes one.
func (s *Shadow) foreignKey(e archive.Entry) (catalog.ForeignKey, bool) {
	if e.Desc != "FK CONSTRAINT" || !strings.HasSuffix(e.Defn, ";\n") {
		return catalog.ForeignKey{}, false
	}
	for _, fk := range s.spec.Source.ForeignKeys {
		if fk.Child.Schema == e.Namespace && fk.Child.Name+" "+fk.Name == e.Tag {
			return fk, true
		}
	}
	return catalog.ForeignKey{}, false
}
