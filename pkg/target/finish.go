package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Finish makes of a loaded database a whole one: indexes, constraints, rules and triggers, then
// materialized views, then sequences, policies and statistics, and event triggers last.
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
		return fmt.Errorf("dropping the shadow's bookkeeping: %w", err)
	}
	if err := runJobs(ctx, len(conns), s.checkJobs(conns)); err != nil {
		return err
	}
	if err := runJobs(ctx, len(conns), s.postJobs(conns)); err != nil {
		return err
	}
	if err := s.refreshViews(ctx, conns); err != nil {
		return err
	}
	// Before the policies: they would bind a role that is not a superuser, even on its own tables.
	if err := s.setSequences(ctx, conns[0]); err != nil {
		return err
	}
	if err := s.run(ctx, conns[0], "policies", s.ddl.guards); err != nil {
		return err
	}
	if err := runJobs(ctx, len(conns), s.viewStatistics(conns)); err != nil {
		return err
	}
	if err := s.resetPaths(ctx, conns[0]); err != nil {
		return err
	}
	return s.run(ctx, conns[0], "event triggers", s.ddl.events)
}

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

// postJobs are the post-data entries with what each needs and locks, and each table's statistics.
func (s *Shadow) postJobs(conns []*pgx.Conn) []job {
	post := map[int]archive.Entry{}
	for _, e := range s.ddl.post {
		post[e.ID] = e
	}
	jobs := make([]job, 0, len(s.ddl.post))
	builders := map[catalog.Name][]int{} // of a table's indexes and the like
	indexes := map[catalog.Name][]int{}  // those of them that make an index
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

func (s *Shadow) postWork(conns []*pgx.Conn, e archive.Entry, defn string) work {
	return func(ctx context.Context, t turn) error {
		// The sessions are the parallelism: measured, workers of their own beside them only contend.
		e.Defn = fmt.Sprintf("SET max_parallel_maintenance_workers = %d; %s", t.spare, defn)
		s.target.opts.Progress("indexes and constraints", label(e))
		if e.Desc == "INDEX" {
			s.target.opts.Fault("mid-index")
		}
		conn := conns[t.session]
		return s.whileLocked(ctx, conn, func() error { return s.single(ctx, conn, e) })
	}
}

// locks says which tables an entry locks and how, and how much work it is.
// The tables are those it depends on, through other post-data entries too: a foreign key
// depends on the parent's primary key, which depends on the parent.
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
			// A leaf is locked by itself within its tree; the whole tree where its root is meant.
			whole := alone && (t == nil || t.Root == nil)
			locks[tree] = locks[tree] || whole
			locks[lockable{name, false}] = locks[lockable{name, false}] || alone
		}
	}
	visit(e)
	return locks, weight + 1
}

// firstStatistics keeps the numbers of the jobs that analyze apart from archive entries' and their negatives.
const firstStatistics = 1 << 40

// tableStatistics gathers the planner's statistics of each table, once its indexes and extended
// statistics stand. They are never copied from the source, since they hold values.
func (s *Shadow) tableStatistics(conns []*pgx.Conn, builders map[catalog.Name][]int) []job {
	var jobs []job
	for _, t := range s.spec.Source.Tables {
		if t.Partitioned {
			continue
		}
		j := s.analyze(conns, t.Name, firstStatistics+len(jobs), t.Size.Bytes)
		j.deps = builders[t.Name]
		j.locks = map[lockable]bool{{t.Name, false}: true}
		jobs = append(jobs, j)
	}
	return jobs
}

func (s *Shadow) viewStatistics(conns []*pgx.Conn) []job {
	var jobs []job
	for _, e := range s.ddl.pre {
		if e.Desc == "MATERIALIZED VIEW" {
			jobs = append(jobs, s.analyze(conns, tableName(e), e.ID, 0))
		}
	}
	return jobs
}

func (s *Shadow) analyze(conns []*pgx.Conn, name catalog.Name, id int, weight int64) job {
	return job{id: id, weight: weight, do: func(ctx context.Context, t turn) error {
		s.target.opts.Progress("analyze", name.String())
		if err := s.statement(ctx, conns[t.session], "ANALYZE "+name.String()); err != nil {
			return fmt.Errorf("analyzing %s: %w", name, err)
		}
		return nil
	}}
}

// Hooks runs each script as one transaction, with the search path an application would have.
func (s *Shadow) Hooks(ctx context.Context, hooks []sides.Hook) error {
	if len(hooks) == 0 {
		return nil
	}
	conn, err := s.connect(ctx, "hooks", `SET search_path = "$user", public; SET check_function_bodies = on`)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, h := range hooks {
		s.target.opts.Progress("hooks", h.Name)
		if strings.TrimSpace(h.SQL) == "" {
			continue
		}
		_, err := conn.Exec(ctx, h.SQL)
		if err != nil {
			code := pgsession.Code(err)
			if code == "" {
				return fmt.Errorf("hook %s: %w", h.Name, pgsession.Safe(err))
			}
			return fmt.Errorf("hook %s failed with SQLSTATE %s; run it by hand on the present target to see why", h.Name, code)
		}
		if conn.PgConn().TxStatus() != 'I' {
			return errors.New("hook " + h.Name + " leaves a transaction open; end it with COMMIT, or take BEGIN out")
		}
	}
	return nil
}
