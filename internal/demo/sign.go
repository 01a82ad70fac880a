package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/movement"
)

// The demo has two people: the author writes the rules, and the reviewer approves them.
const (
	author   = "author@example.com"
	reviewer = "reviewer@example.com"
)

// makeRoles makes a role for each side, as every installation should have. The role of production can only read it. The
// roles of the targets can make databases, but cannot read production. makeRoles sets the environment variables with
// the connection URLs.
func (d *Demo) makeRoles(ctx context.Context, server *pglocal.Server) error {
	reader, writer, engineer := rand.Text(), rand.Text(), rand.Text()
	for _, step := range []struct{ database, sql string }{
		{"postgres", "CREATE ROLE shop_reader LOGIN PASSWORD '" + reader + "'; CREATE ROLE staging_writer LOGIN CREATEDB PASSWORD '" + writer + "';" +
			"CREATE ROLE engineer LOGIN CREATEDB PASSWORD '" + engineer + "'; GRANT pg_signal_backend TO staging_writer, engineer"},
		{productionName, "GRANT USAGE ON SCHEMA public TO shop_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop_reader;" +
			"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO shop_reader"},
	} {
		if err := script(ctx, server.URL(step.database), step.sql); err != nil {
			return fmt.Errorf("making the demo's roles: %w", err)
		}
	}
	d.Env["PRODUCTION_URL"] = server.URLFor("shop_reader", reader, productionName)
	d.Env["STAGING_URL"] = server.URLFor("staging_writer", writer, stagingName)
	d.Env["LAPTOP_URL"] = server.URLFor("engineer", engineer, laptopName)
	return nil
}

// sign shows an approval: a run is refused, the author signs the rules, and the reviewer approves them.
func (d *Demo) sign(ctx context.Context) error {
	d.chapter("masker run: refused, because nobody but the author has seen the rules")
	if err := demandApproval(d.path("masker.yaml")); err != nil {
		return err
	}
	delete(d.Env, "MASKER_PG_BIN") // a flow that needs approvals takes pg_dump from masker.yaml only
	if err := makeSigners(d.Dir); err != nil {
		return err
	}
	if err := d.fails(ctx, movement.Refused, "run"); err != nil {
		return err
	}
	d.chapter("The author runs masker sign, somebody else runs masker approve")
	return d.signBoth(ctx)
}

// signBoth signs the rules as the author, and approves them as the reviewer.
func (d *Demo) signBoth(ctx context.Context) error {
	if err := d.verb(ctx, "sign", "--as", author, "--key", d.path("people", "author")); err != nil {
		return err
	}
	return d.verb(ctx, "approve", "--as", reviewer, "--key", d.path("people", "reviewer"), "--yes")
}

// demandApproval replaces the draft's waiver of approvals with a requirement, asks for a template for
// branches, and names the pg_dump of the demo's server.
func demandApproval(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := strings.Replace(string(data), "approvals: {required: 0}", "approvals: {required: 1, signers: policy/allowed_signers}", 1)
	text = strings.Replace(text, "verify: strict", "verify: strict\n    branches: {template: true}", 1)
	if bin, err := pglocal.BinDir(); err == nil {
		text = fmt.Sprintf("pg_dump: %q\n", filepath.Join(bin, "pg_dump")) + text
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// makeSigners makes a key for each person, and the file that says who may sign as author and who as approver.
func makeSigners(dir string) error {
	var list strings.Builder
	for _, person := range []struct{ principal, file, namespace string }{
		{author, "author", approval.AuthorNamespace},
		{reviewer, "reviewer", approval.ApprovalNamespace},
	} {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		key, err := ssh.NewPublicKey(public)
		if err != nil {
			return err
		}
		block, err := ssh.MarshalPrivateKey(private, person.principal)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, "people", person.file), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		fmt.Fprintf(&list, "%s namespaces=%q %s", person.principal, person.namespace, ssh.MarshalAuthorizedKey(key))
	}
	return write(filepath.Join(dir, "policy", "allowed_signers"), []byte(list.String()), 0o644)
}

func write(path string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, mode)
}

// prove verifies the ledger and the provenance of the target. Both checks need only the ledger's public key.
func (d *Demo) prove(ctx context.Context) error {
	d.chapter("masker ledger verify, masker provenance: check both with the public key alone")
	if err := d.verb(ctx, "ledger", "verify"); err != nil {
		return err
	}
	return d.verb(ctx, "provenance", "staging")
}
