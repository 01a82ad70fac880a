package pull_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/pull"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

const rules = `
revision: 1
packs: [baseline]
tables:
  public.orders: {columns: {id: {keep: "surrogate"}, email: {class: email}}}
`

// staging is a database that masker made on a server, and the public key of the ledger that recorded it.
type staging struct{ url, key string }

func server(t *testing.T) *pglocal.Server {
	t.Helper()
	s, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, s *pglocal.Server, database, sql string) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(s.BinDir(), "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", s.URL(database), "-c", sql).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}

// refreshed makes staging from a production database with a row security policy for two roles.
func refreshed(t *testing.T, s *pglocal.Server, kind guard.Kind) staging {
	t.Helper()
	query(t, s, "postgres", "CREATE ROLE clerk; CREATE ROLE \"Night Watch\"")
	query(t, s, "postgres", "CREATE DATABASE shop")
	query(t, s, "shop", `CREATE TABLE orders (id int PRIMARY KEY, email text);
		INSERT INTO orders SELECT g, g || '@mail.example' FROM generate_series(1, 30) g;
		ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON orders TO clerk, "Night Watch" USING (id > 0)`)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := rulefile.Load([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	from, to, dir := s.URL("shop"), s.URL("shop_staging"), filepath.Join(t.TempDir(), "ledger")
	_, err = movement.Run(t.Context(), movement.Spec{
		Flow: guard.Flow{
			Name: "nightly", Treats: true, Allow: guard.Codes(),
			From: guard.Environment{Name: "production", Kind: guard.Production}, To: guard.Environment{Name: "staging", Kind: kind},
		},
		Rules: set, From: postgres.Origin{URL: from}, To: postgres.Destination{URL: to},
		Apart: func(ctx context.Context) (bool, string, error) { return postgres.Apart(ctx, from, to) },
		Roles: map[string]string{"clerk": "clerk", "Night Watch": "Night Watch"}, Ledger: movement.Ledger{Dir: dir},
		Key: movement.Key{Ring: keyring.Random(), PerRun: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it is only read
	return staging{to, l.VerifierKey()}
}

// The laptop has none of the roles that the policies of staging name.
func TestPullMakesTheRolesOfPolicies(t *testing.T) {
	far, near := server(t), server(t)
	from := refreshed(t, far, guard.Staging)
	r := pull.Request{Name: "staging", From: from.url, To: near.URL("shop_local"), Keys: []string{from.key}, Folder: filepath.Join(t.TempDir(), "state")}
	for range 2 { // the second pull finds the roles
		p, err := pull.Prepare(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		p.Spec.Note = func(_, text string) { notes = append(notes, text) }
		o, err := movement.Run(t.Context(), p.Spec)
		if err != nil || o.Summary.Rows != 30 {
			t.Fatalf("%d rows, %v", o.Summary.Rows, err)
		}
		if len(o.Summary.Dropped) > 0 { // staging has no object that a copy drops
			t.Errorf("left out: %v", o.Summary.Dropped)
		}
		if all := strings.Join(notes, "\n"); strings.Contains(all, "masker plan shows them") { // there is no configuration
			t.Errorf("a note names a verb that cannot help: %s", all)
		}
		r.Keys = nil // the first pull has remembered the key
	}
	if got := query(t, near, "shop_local", "SELECT polroles::regrole[]::text FROM pg_policy"); got != `{clerk,"\"Night Watch\""}` {
		t.Errorf("the policy is for %s", got)
	}
	if got := query(t, near, "postgres", "SELECT count(*) FROM pg_roles WHERE rolname IN ('clerk', 'Night Watch') AND NOT rolcanlogin AND NOT rolsuper"); got != "2" {
		t.Errorf("%s of 2 roles exist without the right to log in", got)
	}
}

// If the source is not proven, or must not be pulled, nothing is made on the laptop.
func TestWhatMustNotBePulled(t *testing.T) {
	far := server(t)
	from := refreshed(t, far, guard.Preproduction)
	query(t, far, "postgres", "CREATE DATABASE copy TEMPLATE shop_staging")
	dir := t.TempDir()
	other, err := ledger.Open(filepath.Join(dir, "other"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	otherKey := other.VerifierKey()
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url  string
		keys []string
		kind guard.Kind
		want string
	}{
		"production":             {far.URL("shop"), []string{from.key}, "", "it carries no provenance of masker's; refresh it with masker"},
		"no key":                 {from.url, nil, "", "give the public key of the ledger"},
		"the key of another":     {from.url, []string{otherKey}, "", "was not given"},
		"a copy":                 {far.URL("copy"), []string{from.key}, "", "copy"},
		"pre-production":         {from.url, []string{from.key}, "", "pre-production"},
		"production by the file": {from.url, []string{from.key}, guard.Production, "data that leaves production must be treated"},
	} {
		folder := filepath.Join(dir, "state", name)
		_, err := pull.Prepare(t.Context(), pull.Request{Name: "it", Kind: c.kind, From: c.url, To: far.URL("local"), Keys: c.keys, Folder: folder})
		if err == nil || movement.KindOf(err) != movement.Refused || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s: a folder for the ledger was made", name)
		}
	}
}
