package target

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// refreshViews fills the materialized views that are populated in the source. A view stays unpopulated if it reads
// something outside the database or an unpopulated view, or if filling it fails.
func (s *Shadow) refreshViews(ctx context.Context, conns []*pgx.Conn) error {
	views := map[catalog.Name]catalog.MatView{}
	for _, v := range s.spec.Source.MatViews {
		views[v.Name] = v
	}
	var jobs []job
	empty := map[int]bool{}
	f := &filling{Shadow: s, failed: map[int]catalog.Name{}}
	for _, e := range s.spec.Archive.Entries { // in archive order, a view comes after the views that it reads
		v, ok := views[tableName(e)]
		if e.Desc != "MATERIALIZED VIEW" || !ok || !s.made(e) {
			continue
		}
		deps, reach := s.viewDeps(e, empty)
		switch {
		case v.Outside != "":
			s.note("materialized view %s left empty: it reads %s, outside the database", v.Name, v.Outside)
			empty[e.ID] = true
		case reach != 0:
			s.note("materialized view %s left empty: it reads %s, which is empty", v.Name, label(s.ddl.all[reach]))
			empty[e.ID] = true
		case v.Populated:
			jobs = append(jobs, job{id: e.ID, deps: deps, do: func(ctx context.Context, t turn) error {
				return f.fill(ctx, conns[t.session], e.ID, v, deps)
			}})
		default:
			empty[e.ID] = true
		}
	}
	if err := runJobs(ctx, len(conns), jobs); err != nil {
		return err
	}
	return f.again(ctx, conns[0])
}

// again tries to fill the views that could not be filled because they read an unpopulated view. PostgreSQL does not
// know what most functions read, so a view may have come before a view that it reads. again repeats its tries until no
// view is left, or until a round could fill none of the views that are left.
func (f *filling) again(ctx context.Context, conn *pgx.Conn) error {
	for len(f.early) > 0 {
		early := f.early
		f.early = nil
		for _, e := range early {
			if err := f.fill(ctx, conn, e.id, e.view, e.deps); err != nil {
				return err
			}
		}
		if len(f.early) == len(early) {
			break
		}
	}
	for _, e := range f.early {
		f.leave(e.id, e.view.Name, "it reads a view that is unpopulated too")
	}
	return nil
}

// made reports whether an entry was executed on the shadow before or after the rows. It does not look at policies and
// event triggers.
func (s *Shadow) made(e archive.Entry) bool {
	for _, list := range [][]archive.Entry{s.ddl.pre, s.ddl.post} {
		for _, m := range list {
			if m.ID == e.ID {
				return true
			}
		}
	}
	return false
}

// viewDeps returns the materialized views that a view reads, directly or through ordinary views and functions. The
// result reach is one of these views that is empty, or 0 if none is empty.
func (s *Shadow) viewDeps(e archive.Entry, empty map[int]bool) (deps []int, reach int) {
	seen := map[int]bool{e.ID: true}
	var visit func(archive.Entry)
	visit = func(e archive.Entry) {
		for _, id := range e.Deps {
			if seen[id] {
				continue
			}
			seen[id] = true
			dep := s.ddl.all[id]
			switch dep.Desc {
			case "MATERIALIZED VIEW":
				deps = append(deps, id)
				if empty[id] {
					reach = id
				}
			case "VIEW", "RULE", "FUNCTION":
				visit(dep)
			}
		}
	}
	visit(e)
	return deps, reach
}

// filling fills materialized views on several sessions.
type filling struct {
	*Shadow
	mu     sync.Mutex
	failed map[int]catalog.Name // views that could not be filled, by the id of their entry
	early  []unfilled           // views that read an unpopulated view
}

// unfilled is a view that could not be filled, because it read an unpopulated view. The method again tries once more.
type unfilled struct {
	id   int
	view catalog.MatView
	deps []int
}

// unpopulated is the SQLSTATE of a query that reads an unpopulated view.
const unpopulated = "55000"

// fill fills one view. If its query or one of its unique indexes fails, the view stays unpopulated, and there is a
// note. The refresh should not fail because of one view, because all rows are already loaded. Perhaps production cannot
// fill the view either. If the view reads treated columns, the note names them, because a treatment may be the cause.
func (f *filling) fill(ctx context.Context, conn *pgx.Conn, id int, v catalog.MatView, deps []int) error {
	f.target.opts.Progress("materialized views", v.Name.String())
	if empty, ok := f.firstFailed(deps); ok {
		f.leave(id, v.Name, fmt.Sprintf("it reads %s, which is unpopulated too", empty))
		return nil
	}
	// Up to version 16, PostgreSQL uses the session's search path to fill a view. Later versions set a safe search
	// path.
	err := f.statement(ctx, conn, "SET LOCAL search_path = "+settingValue("search_path", v.Path)+"; REFRESH MATERIALIZED VIEW "+v.Name.String())
	if err == nil {
		return nil
	}
	code := pgsession.Code(err)
	if code == "" || conn.IsClosed() || ctx.Err() != nil {
		return fmt.Errorf("filling materialized view %s: %w", v.Name, err)
	}
	if code == unpopulated {
		f.mu.Lock()
		f.early = append(f.early, unfilled{id, v, deps})
		f.mu.Unlock()
		return nil
	}
	why := fmt.Sprintf("it cannot be filled (SQLSTATE %s)", code)
	if ofValues(err) {
		why += f.rulesFor(f.objectNamed(v.Name.String()))
	}
	f.leave(id, v.Name, why)
	return nil
}

// firstFailed returns the first view in the list that could not be filled.
func (f *filling) firstFailed(deps []int) (catalog.Name, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range deps {
		if name, ok := f.failed[id]; ok {
			return name, true
		}
	}
	return catalog.Name{}, false
}

// leave records that a view stays unpopulated, and why.
func (f *filling) leave(id int, name catalog.Name, why string) {
	f.mu.Lock()
	f.failed[id] = name
	f.mu.Unlock()
	f.note("materialized view %s is left unpopulated: %s", name, why)
}
