package postgres

import (
	"errors"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/branch"
)

// The server tells a role that is no superuser that a database does not exist. A role that may not connect to a
// database, but owns it, may copy it.
func TestCopyingAsARoleThatIsNoSuperuser(t *testing.T) {
	server, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	s, err := connect(t.Context(), server.URL("postgres"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, sql := range []string{
		"CREATE ROLE maker LOGIN CREATEDB", "CREATE DATABASE mine OWNER maker", "REVOKE CONNECT ON DATABASE mine FROM public, maker",
		"SET SESSION AUTHORIZATION maker",
	} {
		if err := s.exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	gone := branch.Database{Name: "gone", OID: 1}
	if _, err := s.copy(t.Context(), gone, "copy"); !errors.Is(copyError(gone, err), branch.ErrChanged) {
		t.Errorf("a database that was dropped: %v", copyError(gone, err))
	}
	var mine branch.Database
	if mine.OID, err = s.oid(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	mine.Name = "mine"
	if _, err := s.copy(t.Context(), mine, "copy"); err != nil {
		t.Errorf("a database to which the role may not connect: %v", err)
	}
}
