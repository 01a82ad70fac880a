package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A6: masker provenance verifies a target. It needs only a role without rights, and the configuration's ledger or the
// ledger's public key. After a change to the provenance, the comment or the name, the target is not proven.
func TestA6ProvenanceOfADatabase(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst, laptop := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"), newDatabaseURL(t, srv, "laptop")
	s := newSite(t, as(t, src, role(t, srv, "reader", "IN ROLE pg_read_all_data")), as(t, dst, role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", dst, laptop))).rules(t, smallRules)
	s.mustRefresh(t)
	nobody, name := role(t, srv, "nobody", ""), databaseName(t, dst)
	key := keyOf(t, dst)
	answer := func(code int, words ...string) {
		t.Helper()
		s.target = as(t, dst, nobody)
		s.masker(t, "provenance", "staging", "--key", key).want(t, code, words...)
	}
	s.target = as(t, dst, nobody)
	s.masker(t, "provenance", "staging").want(t, exitDone, "environment production", "No: it was made for environment staging")
	s.masker(t, "provenance", "staging", "--key", strings.Replace(key, "+A", "+B", 1)).want(t, exitRefused, "NOT PROVEN")
	s.masker(t, "provenance", "production").want(t, exitRefused, "no provenance of masker's", "counts as production")
	if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "provenance", "${STAGING_URL}").want(t, exitRefused, "--key")
	s.masker(t, "provenance", "${STAGING_URL}", "--key", key, "--format", "json").want(t, exitDone, `"verified": true`)
	answer(exitDone)

	do(t, dst, "UPDATE masker.provenance SET inclusion = replace(inclusion, 'production', 'productiox')")
	answer(exitRefused, "does not prove its record")
	do(t, dst, "UPDATE masker.provenance SET inclusion = replace(inclusion, 'productiox', 'production')")
	answer(exitDone)
	do(t, srv.url("postgres"), "COMMENT ON DATABASE "+catalog.Quote(name)+" IS NULL")
	answer(exitRefused, "the database's comment")

	do(t, srv.url("postgres"), "CREATE DATABASE "+catalog.Quote(databaseName(t, laptop))+" TEMPLATE "+catalog.Quote(name))
	dst = laptop
	answer(exitRefused, "a copy of it, or it was renamed")
	s.masker(t, "provenance", dst).want(t, exitUsage, "holds a password")
}

// keyOf returns the public key that a target names in its own provenance. A key from the target itself proves nothing
// to a reader.
func keyOf(t *testing.T, url string) string {
	t.Helper()
	var in struct{ Verifier string }
	if err := json.Unmarshal([]byte(ask(t, url, "SELECT inclusion FROM masker.provenance ORDER BY step DESC LIMIT 1")), &in); err != nil {
		t.Fatal(err)
	}
	return in.Verifier
}

// A6: staging can be the source of another flow, without rules or with rules. The new target's provenance has all
// steps. A copy that takes staging's name and comment counts as production.
func TestA6ASanitisedDatabaseCanBeCopiedFurther(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := newSite(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")).rules(t, smallRules)
	further, treated := newDatabaseURL(t, srv, "integration"), newDatabaseURL(t, srv, "local")
	s.env = []string{"INTEGRATION_URL=" + further, "LOCAL_URL=" + treated}
	s.canaries = []string{"CANARY-"}
	const flow = "verify: off, allow: [equal-credentials, source-can-write, target-reads-source], approvals: {required: 0"
	s.write(t, "masker.yaml", strings.NewReplacer("FLOW", flow).Replace(`
environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
  integration: {kind: integration, url: "${INTEGRATION_URL}"}
  local: {kind: local, url: "${LOCAL_URL}"}
keys: {default: {file: keys/default.key}}
ledger: {path: ledger/}
flows:
  nightly: {from: production, to: staging, rules: [rules.yaml], FLOW}}
  onward: {from: staging, to: integration, FLOW, signers: nobody-has-to-sign-what-has-no-rules}}
  again: {from: staging, to: local, rules: [rules.yaml], FLOW}}
`), 0o600)
	s.drafted = true
	s.mustRefresh(t)
	for _, c := range []struct{ flow, environment, url string }{{"onward", "integration", further}, {"again", "local", treated}} {
		if o := s.masker(t, "run", "--flow", c.flow); o.code != exitDone {
			t.Fatalf("%v", o)
		}
		s.masker(t, "provenance", c.environment).want(t, exitDone, "Step 1,", "Step 2,", "from       environment production", "No: it was made for environment "+c.environment)
		if got := ask(t, c.url, "SELECT count(*) FROM public.person"); got != "50" {
			t.Errorf("%s: %s people", c.flow, got)
		}
	}
	name := databaseName(t, s.target)
	comment := ask(t, srv.url("postgres"), "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '"+name+"'")
	for _, sql := range []string{
		"CREATE DATABASE " + name + "_x TEMPLATE " + name, "DROP DATABASE " + name, "ALTER DATABASE " + name + "_x RENAME TO " + name,
		"COMMENT ON DATABASE " + name + " IS '" + comment + "'",
	} {
		do(t, srv.url("postgres"), sql)
	}
	s.masker(t, "provenance", "staging").want(t, exitRefused, "is not the database that run")
	s.masker(t, "run", "--flow", "onward").want(t, exitRefused, "is not the database that run")
}

// L7: a run whose roles have the least rights needs no `allow:`. If a role has one right more, the run is refused
// before a row is read.
func TestL7RolesWithLeastRightsNeedNoWaiver(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	prod, staging := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	do(t, prod, "REVOKE CREATE ON SCHEMA public FROM PUBLIC") // PostgreSQL 14 grants this to everybody
	reader, refresher := role(t, srv, "reader", "IN ROLE pg_read_all_data"), role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", staging)
	s := newSite(t, as(t, prod, reader), as(t, staging, refresher)).rules(t, smallRules)
	s.canaries = []string{"CANARY-", "let " + reader, "let " + refresher}
	s.write(t, "masker.yaml", `
environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
keys: {default: {file: keys/default.key}}
ledger: {path: ledger/}
flows:
  nightly: {from: production, to: staging, rules: [rules.yaml], approvals: {required: 0}, verify: off}
`, 0o600)
	s.drafted = true
	refused := func(words ...string) {
		t.Helper()
		s.refresh(t).want(t, exitRefused, words...)
		s.masker(t, "check", "--flow", "nightly").want(t, exitRefused, words...)
	}
	do(t, prod, "GRANT DELETE ON person TO "+reader)
	refused("DELETE on public.person", "source-can-write")
	do(t, prod, "REVOKE DELETE ON person FROM "+reader)
	do(t, prod, "GRANT SELECT ON person TO "+refresher)
	refused("SELECT on public.person", "target-reads-source")
	do(t, prod, "REVOKE SELECT ON person FROM "+refresher)
	do(t, prod, "GRANT pg_read_all_data TO "+refresher)
	s.source = as(t, prod, refresher)
	refused("same credentials", "equal-credentials")
	if siblings := askAll(t, srv.url("postgres"), "SELECT datname FROM pg_database WHERE starts_with(datname, '"+databaseName(t, staging)+"')"); len(siblings) > 0 {
		t.Errorf("a refused run made %v", siblings)
	}
	s.source = as(t, prod, reader)
	do(t, prod, "REVOKE pg_read_all_data FROM "+refresher)
	s.mustRefresh(t)
	s.masker(t, "check", "--flow", "nightly").want(t, exitDone)
	s.masker(t, "provenance", "staging").want(t, exitDone, "waived     approvals, verify\n")
}
