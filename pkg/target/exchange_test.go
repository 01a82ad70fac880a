package target_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// exchanging is a Proof. Its methods Replaced and Abandoned exchange the database before they return, as if somebody
// did that at this moment.
type exchanging struct {
	believed
	t *testing.T
}

func (e exchanging) Replaced(_ context.Context, d sides.Database) (string, error) {
	exchange(e.t, d.Name)
	return "", nil
}

func (e exchanging) Abandoned(_ context.Context, d sides.Database) (string, error) {
	exchange(e.t, d.Name)
	return "", nil
}

// exchange renames a database and makes another one of that name, with the same comment.
func exchange(t *testing.T, name string) {
	t.Helper()
	comment := one[string](t, "postgres", "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1", name)
	sql(t, "postgres", "ALTER DATABASE "+catalog.Quote(name)+" RENAME TO "+catalog.Quote(name+"_true"), "CREATE DATABASE "+catalog.Quote(name),
		"COMMENT ON DATABASE "+catalog.Quote(name)+" IS '"+strings.ReplaceAll(comment, "'", "''")+"'")
	sql(t, name, "CREATE TABLE precious (a int)")
}

// precious checks that the database which exchange made still exists and is unchanged.
func precious(t *testing.T, name string) {
	t.Helper()
	if n := one[int](t, name, "SELECT count(*) FROM pg_class WHERE relname = 'precious'"); n != 1 {
		t.Errorf("%s is not the database that was put there", name)
	}
	if n := one[int](t, name, "SELECT count(*) FROM pg_class c WHERE relkind IN ('r', 'p') AND oid >= 16384 AND relname <> 'precious'"); n != 0 {
		t.Errorf("something was written into %s", name)
	}
}

func TestR10ADatabaseExchangedBeforeItIsDroppedStays(t *testing.T) {
	create(t, "exdrop_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("exdrop"), target.Options{Proof: exchanging{t: t}})
	for _, run := range []string{"run1", "run2"} {
		refresh(t, p, "exdrop_src", spec(t, "exdrop_src", run))
		p.Close()
		p = open(t, server.URL("exdrop"), target.Options{Proof: exchanging{t: t}})
	}
	if c, err := p.Prune(t.Context()); !errors.Is(err, sides.ErrRefused) || len(c.Dropped) > 0 {
		t.Errorf("pruned %q, %v", c.Dropped, err)
	}
	precious(t, "exdrop_previous_run2")

	if _, err := p.Create(t.Context(), spec(t, "exdrop_src", "dead1")); err != nil {
		t.Fatal(err)
	}
	if c, err := p.Recover(t.Context()); err != nil || len(c.Dropped) > 0 || !strings.Contains(strings.Join(c.Left, "\n"), "exdrop_masker_dead1") {
		t.Errorf("recovered %q, left %q, %v", c.Dropped, c.Left, err)
	}
	precious(t, "exdrop_masker_dead1")
}

// R10: the transaction that renames the databases checks for the last time whether they are the right ones.
func TestR10ATargetExchangedWhilePublishingIsNotRenamed(t *testing.T) {
	for _, which := range []string{"target", "shadow"} {
		t.Run(which, func(t *testing.T) {
			name := "expub_" + which
			create(t, name+"_src", "CREATE TABLE t (a int)")
			p := open(t, server.URL(name), target.Options{})
			refresh(t, p, name+"_src", spec(t, name+"_src", "run1"))
			p.Close()
			victim := map[string]string{"target": name, "shadow": name + "_masker_run2"}[which]
			p = open(t, server.URL(name), target.Options{Fault: func(point string) {
				if point == "before-publish" {
					exchange(t, victim)
				}
			}})
			s, err := p.Create(t.Context(), spec(t, name+"_src", "run2"))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Publish(t.Context()); !errors.Is(err, sides.ErrRefused) {
				t.Errorf("publishing: %v", err)
			}
			precious(t, victim)
			if err := s.Discard(t.Context()); which == "shadow" && !errors.Is(err, sides.ErrRefused) {
				t.Errorf("discarding: %v", err)
			}
			precious(t, victim)
		})
	}
}

func TestR10AnExchangedShadowIsNotWritten(t *testing.T) {
	create(t, "exwrite_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("exwrite"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "exwrite_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, s.Name())
	sql(t, s.Name(), "CREATE TABLE t (a int)", "DROP TABLE t")
	name := catalog.Name{Schema: "public", Name: "t"}
	if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"a"}, wire.Text, &blocks{err: io.EOF}); !errors.Is(err, sides.ErrRefused) {
		t.Errorf("writing: %v", err)
	}
	if err := s.Finish(t.Context()); !errors.Is(err, sides.ErrRefused) {
		t.Errorf("finishing: %v", err)
	}
	if err := s.Discard(t.Context()); !errors.Is(err, sides.ErrRefused) {
		t.Errorf("discarding: %v", err)
	}
	precious(t, s.Name())
}

// R10: if the answer to CREATE DATABASE is lost, the error is ErrUnsure. The run then stays open in the ledger, and a
// later run drops the database.
func TestR10ACreateWithoutAnAnswerIsUnsure(t *testing.T) {
	create(t, "unsure_src", "")
	var cut func()
	p := open(t, server.URL("unsure"), target.Options{Progress: func(phase, _ string) {
		if phase == "create" {
			cut()
		}
	}})
	cut = func() {
		sql(t, "postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'masker%maintenance%'`)
	}
	if _, err := p.Create(t.Context(), spec(t, "unsure_src", "run1")); !errors.Is(err, sides.ErrUnsure) {
		t.Errorf("got %v", err)
	}
}
