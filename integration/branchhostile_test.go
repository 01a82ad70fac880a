package integration

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/branch"
	branchpg "github.com/masker-project/masker/pkg/branch/postgres"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// An index with an expression runs a function for each row that is inserted, as the role that inserts it. If the table
// masker.provenance has such an index, masker inserts no row and makes no branch.
func TestABranchRunsNoFunctionOfAnIndex(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	name := databaseName(t, s.target) + "_pr"
	for _, sql := range []string{
		"CREATE FUNCTION public.mine(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN CREATE TABLE public.ran (); RETURN $1; END'",
		"ALTER TABLE masker.provenance DROP CONSTRAINT provenance_pkey",
		"CREATE INDEX ON masker.provenance (step) WHERE step > 1 AND public.mine(step) > 0",
	} {
		do(t, s.target, sql)
	}
	awaitNobody(t, srv, databaseName(t, s.target))
	s.masker(t, "branch", "create", "staging", name).want(t, exitRefused, "somebody changed the table masker.provenance")
	if left := family(t, srv, name); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// renaming is a server on which the owner of a branch renames it while masker drops it. If late is set, the rename is
// committed when DROP DATABASE already waits for it.
type renaming struct {
	branch.Server
	t          *testing.T
	admin, new string
	late       bool
}

func (r *renaming) Drop(ctx context.Context, d branch.Database) error {
	owner := connect(r.t, r.admin)
	run := func(sql string) {
		if _, err := owner.Exec(ctx, sql); err != nil {
			r.t.Error(err)
		}
	}
	run("BEGIN")
	run("ALTER DATABASE " + pgx.Identifier{d.Name}.Sanitize() + " RENAME TO " + pgx.Identifier{r.new}.Sanitize())
	if !r.late {
		run("COMMIT")
		return r.Server.Drop(ctx, d)
	}
	done := make(chan error)
	go func() { done <- r.Server.Drop(ctx, d) }()
	await(r.t, "DROP DATABASE to wait", func() bool {
		return ask(r.t, r.admin, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(query, 'DROP DATABASE IF EXISTS ') AND query LIKE '%"+d.Name+"%'") == "1"
	})
	run("COMMIT")
	return <-done
}

// If somebody renames a branch while masker drops it, the branch stays. Then masker does not say that the branch was
// dropped, and the ledger's record of the attempt lists no dropped database.
func TestABranchThatIsRenamedIsNotRecordedAsDropped(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	for suffix, late := range map[string]bool{"_before": false, "_meanwhile": true} {
		t.Run(suffix, func(t *testing.T) {
			s.masker(t, "branch", "create", "staging", name+suffix).want(t, exitDone)
			spec := s.branchesAt(time.Now())
			spec.Connect = func(ctx context.Context) (branch.Server, error) {
				server, err := branchpg.Open(ctx, s.target, "")
				return &renaming{Server: server, t: t, admin: srv.url("postgres"), new: name + suffix + "_x", late: late}, err
			}
			if err := branch.Drop(t.Context(), spec, name+suffix, "", false); !errors.Is(err, sides.ErrRefused) || !strings.Contains(err.Error(), "renamed") {
				t.Errorf("got %v", err)
			}
			records := s.ledger(t)
			if done := records[len(records)-1]; done.Event != "branch-dropped" || len(done.Retirement.Databases) > 0 {
				t.Errorf("the ledger ends with %s of %v", done.Event, done.Retirement.Databases)
			}
			if got := family(t, srv, name+suffix); len(got) != 1 || got[0] != name+suffix+"_x" {
				t.Errorf("there are %v", got)
			}
		})
	}
}

// The owner of a branch can rename it, and replace the mark with another comment, here a long one. List and prune still
// name the branch, because the ledger knows its OID.
func TestABranchWithoutItsMarkIsNotForgotten(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	s.masker(t, "branch", "create", "staging", name, "--owner", "jane").want(t, exitDone)
	do(t, srv.url("postgres"), "ALTER DATABASE "+name+" RENAME TO "+name+"_mine")
	do(t, srv.url("postgres"), "COMMENT ON DATABASE "+name+"_mine IS '"+strings.Repeat("my notes\n", 10_000)+"'")
	s.masker(t, "branch", "list", "staging").want(t, exitDone, name+"_mine", "the ledger says that it is branch "+name+" of jane")
	s.masker(t, "branch", "prune", "staging").want(t, exitDone, "left     database "+name+"_mine may be a branch", "drop it by hand if nobody needs it")
	s.masker(t, "branch", "drop", "staging", name+"_mine").want(t, exitRefused, "is not a branch of")
	if got := family(t, srv, name); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
}

// A refresh drops the old target after the copy was made, and before the copy gets its name. The branch is made again.
func TestABranchWhoseTargetIsReplacedBeforeItIsNamed(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	spec := s.branchesAt(time.Now())
	spec.Connect = func(ctx context.Context) (branch.Server, error) {
		server, err := branchpg.Open(ctx, s.target, "")
		return &refreshing{Server: server, before: func() { s.mustRefresh(t) }}, err
	}
	made, err := branch.Create(t.Context(), spec, branch.Order{Name: name, Owner: "jane"})
	if err != nil || made.Run != s.runs(t)[1] {
		t.Fatalf("%+v, %v", made, err)
	}
	if got := family(t, srv, name); len(got) != 1 || ask(t, srv.url(name), generationsQuery) != onlyGeneration(2) {
		t.Errorf("there are %v", got)
	}
}

// refreshing is a server on which a refresh replaces the target right before the first branch gets its name.
type refreshing struct {
	branch.Server
	before func()
}

func (r *refreshing) Publish(ctx context.Context, p branch.Publishing) ([]string, error) {
	if before := r.before; before != nil {
		r.before = nil
		before()
	}
	return r.Server.Publish(ctx, p)
}

// A run was killed before it published. Then somebody gives its shadow the name and the mark of the target. The shadow
// has a proven provenance, but the ledger does not say that it was published, so masker makes no branch of it.
func TestNoBranchIsMadeOfAShadowThatWasNotPublished(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	s.killedAt(t, "before-publish")
	run := s.runs(t)[1]
	name, admin := databaseName(t, s.target), srv.url("postgres")
	for _, sql := range []string{
		"DROP DATABASE " + name + " WITH (FORCE)",
		"ALTER DATABASE " + name + "_masker_" + run + " RENAME TO " + name,
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS true CONNECTION LIMIT -1",
		"COMMENT ON DATABASE " + name + " IS " + catalog.Literal(mark("published", name, run)),
	} {
		do(t, admin, sql)
	}
	s.binary = masker(t)
	s.masker(t, "branch", "create", "staging", name+"_pr").want(t, exitRefused, "the ledger does not say that run "+run+" has published the target")
	if left := family(t, srv, name); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
}
