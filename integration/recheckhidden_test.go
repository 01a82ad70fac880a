package integration

import "testing"

// TestV9RowsThatAreHiddenAreTold lets somebody force row security on a table after the target was published. PostgreSQL
// then shows masker only some rows. Verifying the target again must not count them as all rows.
func TestV9RowsThatAreHiddenAreTold(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := newSite(t, database(t, srv, "hidden_src", small), newDatabaseURL(t, srv, "hidden_staging")).rules(t, smallRules)
	s.flow["verify"] = "strict"
	s.mustRefresh(t)
	const forced = "ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY few ON person USING (id < 3)"

	t.Run("the source's", func(t *testing.T) {
		owner := role(t, srv, "owner", "")
		do(t, s.source, "ALTER TABLE person OWNER TO "+owner+"; "+forced)
		source := s.source
		s.source = as(t, source, owner)
		s.masker(t, "verify", "--from-source").want(t, exitRefused, "row security", "public.person", "BYPASSRLS")
		do(t, source, "ALTER ROLE "+owner+" BYPASSRLS")
		s.masker(t, "verify", "--from-source").want(t, exitDone, "verified: ")
		s.source = source
		do(t, source, "DROP POLICY few ON person; ALTER TABLE person DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY; ALTER TABLE person OWNER TO CURRENT_USER")
	})
	t.Run("the target's", func(t *testing.T) {
		owner := role(t, srv, "owner", "CREATEDB IN ROLE pg_signal_backend", s.target)
		do(t, s.target, "ALTER DATABASE "+databaseName(t, s.target)+" OWNER TO "+owner+"; ALTER TABLE person OWNER TO "+owner+"; "+forced)
		s.target = as(t, s.target, owner)
		for _, flags := range [][]string{nil, {"--from-source"}} {
			s.masker(t, append([]string{"verify"}, flags...)...).want(t, exitDone, "not verified: rows of public.person: not looked at", "BYPASSRLS", "0 tables compared")
		}
	})
}

// The target's role owns the tables of a new database. If a table forces row security, the rows
// would be hidden from this role, too. So masker does not force row security while it verifies the
// database. It forces row security again before the database is published.
func TestTablesThatForceRowSecurityAreVerified(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "forced_src", small)
	do(t, source, "ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY few ON person USING (id < 3)")
	s := newSite(t, source, newDatabaseURL(t, srv, "forced_staging")).rules(t, smallRules)
	s.flow["verify"] = "strict"
	admin := s.target
	s.target = as(t, admin, role(t, srv, "writer", "CREATEDB IN ROLE pg_signal_backend", admin))
	s.masker(t, "run", "--flow", "nightly").want(t, exitDone, "verified")
	if got, want := ask(t, admin, "SELECT count(*) FROM person"), ask(t, source, "SELECT count(*) FROM person"); got != want {
		t.Errorf("%s rows arrived, want %s", got, want)
	}
	if got := ask(t, admin, "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'person'::regclass"); got != "t" {
		t.Errorf("row security is forced: %s", got)
	}
}
