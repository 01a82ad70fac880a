package main

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
	demoAuthor   = "author@example.com"
	demoReviewer = "reviewer@example.com"
)

// demoRoles makes a role for each side, as every installation should have. The source's role can only read production.
// The target's role can make databases, but cannot read production. demoRoles returns the connection URLs of both
// roles.
func demoRoles(ctx context.Context, server *pglocal.Server) (source, target string, err error) {
	reader, writer := rand.Text(), rand.Text()
	for _, step := range []struct{ database, sql string }{
		{"postgres", "CREATE ROLE shop_reader LOGIN PASSWORD '" + reader + "'; CREATE ROLE staging_writer LOGIN CREATEDB PASSWORD '" + writer + "';" +
			"GRANT pg_signal_backend TO staging_writer"},
		{demoSource, "GRANT USAGE ON SCHEMA public TO shop_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop_reader;" +
			"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO shop_reader"},
	} {
		if err := script(ctx, server.URL(step.database), step.sql); err != nil {
			return "", "", fmt.Errorf("making the demo's roles: %w", err)
		}
	}
	return server.URLFor("shop_reader", reader, demoSource), server.URLFor("staging_writer", writer, demoTarget), nil
}

// signShop shows an approval: a run is refused, the author signs the rules, and the reviewer approves them.
func (a *app) signShop(ctx context.Context, dir string) error {
	a.chapter("masker run: refused, because nobody but the author has seen the rules")
	if err := demandApproval(filepath.Join(dir, "masker.yaml")); err != nil {
		return err
	}
	delete(a.env, "MASKER_PG_BIN") // a flow that needs approvals takes pg_dump from masker.yaml only
	if err := demoSigners(dir); err != nil {
		return err
	}
	err := a.verb(ctx, "run")
	if exitCode(err) != exitRefused {
		return fmt.Errorf("the demo's run without an approval should have been refused: %w", err)
	}
	fmt.Fprintf(a.out, "masker: %s\n\n(exit code %d)\n", movement.Words(err), exitRefused)

	a.chapter("The author runs masker sign, somebody else runs masker approve")
	return a.signBoth(ctx, dir)
}

// signBoth signs the rules as the author, and approves them as the reviewer.
func (a *app) signBoth(ctx context.Context, dir string) error {
	if err := a.verb(ctx, "sign", "--as", demoAuthor, "--key", filepath.Join(dir, "people", "author")); err != nil {
		return err
	}
	return a.verb(ctx, "approve", "--as", demoReviewer, "--key", filepath.Join(dir, "people", "reviewer"), "--yes")
}

// demandApproval replaces the draft's waivers of approvals and of verification with requirements, and names the pg_dump
// of the demo's server.
func demandApproval(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := strings.Replace(string(data), "approvals: {required: 0}", "approvals: {required: 1, signers: policy/allowed_signers}", 1)
	text = strings.Replace(text, "verify: off", "verify: strict", 1)
	if bin, err := pglocal.BinDir(); err == nil {
		text = fmt.Sprintf("pg_dump: %q\n", filepath.Join(bin, "pg_dump")) + text
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// demoSigners makes a key for each person, and the file that says who may sign as author and who as approver.
func demoSigners(dir string) error {
	var list strings.Builder
	for _, person := range []struct{ principal, file, namespace string }{
		{demoAuthor, "author", approval.AuthorNamespace},
		{demoReviewer, "reviewer", approval.ApprovalNamespace},
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
		if err := writeDemo(filepath.Join(dir, "people", person.file), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		fmt.Fprintf(&list, "%s namespaces=%q %s", person.principal, person.namespace, ssh.MarshalAuthorizedKey(key))
	}
	return writeDemo(filepath.Join(dir, "policy", "allowed_signers"), []byte(list.String()), 0o644)
}

func writeDemo(path string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, mode)
}

// proveShop verifies the ledger and the provenance of the target. Both checks need only the ledger's public key.
func (a *app) proveShop(ctx context.Context) error {
	a.chapter("masker ledger verify, masker provenance: check both with the public key alone")
	if err := a.verb(ctx, "ledger", "verify"); err != nil {
		return err
	}
	return a.verb(ctx, "provenance", "staging")
}

// verb prints a command line of masker and runs it.
func (a *app) verb(ctx context.Context, args ...string) error {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = shellWord(arg)
	}
	fmt.Fprintf(a.out, "$ masker %s\n", strings.Join(words, " "))
	again := &app{stdio: a.stdio, env: a.env}
	root := again.root()
	root.SetArgs(append([]string{"--config", a.configFile}, args...))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return root.ExecuteContext(ctx)
}
