package target_test

import (
	"testing"

	"github.com/masker-project/masker/pkg/target"
)

// V4: a shadow that is kept belongs to its owner alone, even if a hook has granted rights on it. It stays until a run
// may drop it.
func TestV4AKeptShadowIsClosedToOthers(t *testing.T) {
	create(t, "keep_src", "CREATE TABLE t (a int)")
	sql(t, "postgres", "CREATE ROLE keep_reader LOGIN", `CREATE ROLE "keep ""Writer" LOGIN`)
	p := open(t, server.URL("keep"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "keep_src", "dead1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	sql(t, "postgres", "GRANT CONNECT ON DATABASE "+s.Name()+" TO PUBLIC", "GRANT CONNECT ON DATABASE "+s.Name()+" TO keep_reader WITH GRANT OPTION",
		`GRANT ALL ON DATABASE `+s.Name()+` TO "keep ""Writer"`)
	if err := s.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, "postgres", "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = $1 AND grantee <> datdba", s.Name()); n != 0 {
		t.Errorf("%d grants are left", n)
	}
	if n := one[int](t, "postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", s.Name()); n != 0 {
		t.Errorf("%d sessions are still in it", n)
	}
	if role := one[bool](t, "postgres", "SELECT has_database_privilege('keep_reader', $1, 'CONNECT')", s.Name()); role {
		t.Error("another role may connect")
	}
	cleared, err := p.Recover(t.Context())
	if err != nil || len(cleared.Dropped) != 1 || cleared.Dropped[0] != s.Name() {
		t.Errorf("%+v, %v", cleared, err)
	}
}
