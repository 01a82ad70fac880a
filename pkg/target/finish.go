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

// Finish completes a loaded shadow. It makes indexes, constraints, rules and triggers, and gathers the statistics of
// tables. Then it fills materialized views, sets sequences, makes policies and gathers the statistics of materialized
// views. It makes event triggers last.
func (s *Shadow) Finish(ctx context.Context) error {
	s.closeWorkers()
	s.target.opts.Fault("after-load")
	conns, err := s.sessions(ctx)
	defer func() {
		for _, c := range conns {
			closeConn(c)
		}
	}()
	if err != nil {
		return err
	}
	if err := s.statement(ctx, conns[0], "DROP SCHEMA "+s.extents()+" CASCADE"); err != nil {
		return fmt.Errorf("dropping the table that records the written extents: %w", err)
	}
	if err := s.addChecks(ctx, conns); err != nil {
		return err
	}
	if err := runJobs(ctx, len(conns), s.postJobs(conns)); err != nil {
		return err
	}
	if err := s.refreshViews(ctx, conns); err != nil {
		return err
	}
	// Sequences are set before policies are made, because setting them reads tables, and policies can hide rows even
	// from the owner of a table.
	if err := s.setSequences(ctx, conns[0]); err != nil {
		return err
	}
	if err := s.run(ctx, conns[0], "policies", s.ddl.policies); err != nil {
		return err
	}
	if err := runJobs(ctx, len(conns), s.viewStatistics(conns)); err != nil {
		return err
	}
	if err := s.resetPaths(ctx, conns[0]); err != nil {
		return err
	}
	s.target.opts.Fault("finished")
	return s.run(ctx, conns[0], "event triggers", s.ddl.events)
}

// sessions opens the sessions for the jobs. If a session cannot be opened, it returns the error and the sessions that
// are open.
func (s *Shadow) sessions(ctx context.Context) ([]*pgx.Conn, error) {
	var conns []*pgx.Conn
	for range s.target.opts.Jobs {
		c, err := s.connect(ctx, "build", "")
		if err != nil {
			return conns, err
		}
		conns = append(conns, c)
	}
	return conns, nil
}

// postJobs returns the jobs that execute the entries of the phase after the rows, and the jobs that gather the
// statistics of tables.
func (s *Shadow) postJobs(conns []*pgx.Conn) []job {
	post := map[int]archive.Entry{}
	for _, e := range s.ddl.post {
		post[e.ID] = e
	}
	jobs := make([]job, 0, len(s.ddl.post))
	builders := map[catalog.Name][]int{} // the jobs for each table, except foreign keys
	indexes := map[catalog.Name][]int{}  // the jobs that make an index of a table
	var references []archive.Entry
	for _, e := range s.ddl.post {
		if e.Desc == "FK CONSTRAINT" {
			references = append(references, e)
			continue
		}
		locks, weight := s.locks(e, post)
		jobs = append(jobs, job{id: e.ID, deps: e.Deps, locks: locks, weight: weight, do: s.postWork(conns, e, e.Defn)})
		for l := range locks {
			if l.tree {
				continue
			}
			builders[l.table] = append(builders[l.table], e.ID)
			if e.Desc == "INDEX" || e.Desc == "CONSTRAINT" {
				indexes[l.table] = append(indexes[l.table], e.ID)
			}
		}
	}
	for _, e := range references {
		locks, weight := s.locks(e, post)
		do := func(defn string) work { return s.postWork(conns, e, defn) }
		whole := job{id: e.ID, deps: slices.Clone(e.Deps), locks: locks, weight: weight, do: do(e.Defn)}
		for l := range locks {
			whole.deps = append(whole.deps, indexes[l.table]...)
		}
		jobs = append(jobs, s.foreignKeyJobs(whole, e, do)...)
	}
	return append(jobs, s.tableStatistics(conns, builders)...)
}

// postWork returns the work of a job that executes an entry, with defn in place of the entry's own definition.
func (s *Shadow) postWork(conns []*pgx.Conn, e archive.Entry, defn string) work {
	entry := e // as the archive has it
	return func(ctx context.Context, t turn) error {
		if s.needsUnbuilt(entry) {
			return nil
		}
		// Statements of several sessions run in parallel already. Measurements showed that more parallel workers only
		// compete with them, so a statement gets only as many workers as its share of the idle sessions.
		e.Defn = fmt.Sprintf("SET max_parallel_maintenance_workers = %d; %s", t.spare, defn)
		s.target.opts.Progress("indexes and constraints", label(e))
		if e.Desc == "INDEX" {
			s.target.opts.Fault("mid-index")
		}
		conn := conns[t.session]
		err := s.whileLocked(ctx, conn, func() error {
			if part, ok := s.ddl.parts[e.ID]; ok {
				return s.namePart(ctx, conn, part)
			}
			return s.single(ctx, conn, e)
		})
		return s.checkEntry(ctx, conn, entry, s.leaveIndex(conn, entry, err))
	}
}

// locks returns the tables that an entry locks, and the weight of its work. An entry locks the tables that it depends
// on, directly or through other entries of post. For example, a foreign key depends on the parent's primary key, which
// depends on the parent.
func (s *Shadow) locks(e archive.Entry, post map[int]archive.Entry) (map[lockable]bool, int64) {
	alone := e.Desc != "INDEX" && e.Desc != "STATISTICS" && e.Desc != "COMMENT"
	locks := map[lockable]bool{}
	var weight int64
	seen := map[int]bool{}
	var visit func(archive.Entry)
	visit = func(e archive.Entry) {
		for _, id := range e.Deps {
			if seen[id] {
				continue
			}
			seen[id] = true
			if next, ok := post[id]; ok {
				visit(next)
				continue
			}
			dep := s.ddl.all[id]
			if dep.Desc != "TABLE" && dep.Desc != "MATERIALIZED VIEW" && dep.Desc != "FOREIGN TABLE" {
				continue
			}
			name := tableName(dep)
			t := s.spec.Source.Table(name)
			tree := lockable{name, true}
			if t != nil {
				tree.table = t.Decider()
				weight = max(weight, t.Size.Bytes)
			}
			// An entry on a partition locks only this partition of the tree. An entry on the root locks the whole tree.
			whole := alone && (t == nil || t.Root == nil)
			locks[tree] = locks[tree] || whole
			locks[lockable{name, false}] = locks[lockable{name, false}] || alone
		}
	}
	visit(e)
	return locks, weight + 1
}

// firstStatistics is the first id of the jobs that run ANALYZE. Other jobs have smaller ids: the ids of archive
// entries, or the negative values of these ids.
const firstStatistics = 1 << 40

// tableStatistics returns jobs that gather the planner's statistics of each table, after its indexes and extended
// statistics are made. Statistics are never copied from the source, because they contain values.
func (s *Shadow) tableStatistics(conns []*pgx.Conn, builders map[catalog.Name][]int) []job {
	var jobs []job
	for _, tables := range analyzed(s.spec.Source.Tables) {
		names, locks := make([]catalog.Name, 0, len(tables)), map[lockable]bool{}
		var weight int64
		var deps []int
		for _, t := range tables {
			names, weight, deps = append(names, t.Name), weight+t.Size.Bytes, append(deps, builders[t.Name]...)
			locks[lockable{t.Name, false}] = true
		}
		j := s.analyze(conns, names, firstStatistics+len(jobs), weight)
		j.deps, j.locks = deps, locks
		jobs = append(jobs, j)
	}
	return jobs
}

// analyzed groups the tables that store rows themselves. The tables of a group are analyzed by one statement, because
// thousands of statements cost more than reading the rows of thousands of small tables. A large table is alone.
func analyzed(tables []*catalog.Table) (groups [][]*catalog.Table) {
	var small []*catalog.Table
	for _, t := range tables {
		switch {
		case t.Partitioned:
		case t.Size.Bytes < smallTable:
			small = append(small, t)
		default:
			groups = append(groups, []*catalog.Table{t})
		}
	}
	return append(groups, slices.Collect(slices.Chunk(small, batchSize))...)
}

// smallTable is a size in bytes. A table of this size or more gets a job of its own for its statistics.
const smallTable = 1 << 20

// viewStatistics returns jobs that gather the statistics of materialized views.
func (s *Shadow) viewStatistics(conns []*pgx.Conn) []job {
	var jobs []job
	for _, e := range s.ddl.pre {
		if e.Desc == "MATERIALIZED VIEW" {
			jobs = append(jobs, s.analyze(conns, []catalog.Name{tableName(e)}, e.ID, 0))
		}
	}
	return jobs
}

// analyze returns a job that gathers the statistics of some relations. If their common statement fails, it analyzes
// them one by one, to find out which one fails.
func (s *Shadow) analyze(conns []*pgx.Conn, names []catalog.Name, id int, weight int64) job {
	return job{id: id, weight: weight, do: func(ctx context.Context, t turn) error {
		s.target.opts.Progress("analyze", names[0].String())
		conn := conns[t.session]
		if len(names) > 1 {
			err := s.statement(ctx, conn, "ANALYZE "+list(names))
			if err == nil || ctx.Err() != nil || conn.IsClosed() {
				return err
			}
		}
		for _, name := range names {
			err := s.statement(ctx, conn, "ANALYZE "+name.String())
			switch {
			case err == nil:
			case missesName(err):
				s.note("%s has no statistics for the planner: extended statistics on it find no object of a name (SQLSTATE %s)", name, pgsession.Code(err))
			case ofValues(err): // without statistics, queries are slower and nothing is lost
				s.note("%s has no statistics for the planner: an expression of extended statistics or of an index on it fails for a row (SQLSTATE %s)", name, pgsession.Code(err))
			default:
				return fmt.Errorf("analyzing %s: %w", name, err)
			}
		}
		return nil
	}}
}

// list returns names as SQL, separated by commas.
func list(names []catalog.Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = n.String()
	}
	return strings.Join(texts, ", ")
}
