package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/masker-project/masker/pkg/ledger"
)

// hostile has control sequences for a terminal, separators of a table and a formula for a spreadsheet.
const hostile = "=cmd|'/C calc'!A1\x1b[2J\n\t\u202e\u009b31m"

// newLedger makes a ledger with a published run, an aborted run and a refusal, and a configuration that names it.
func newLedger(t *testing.T) (dir string, published *ledger.Run) {
	t.Helper()
	dir = t.TempDir()
	l, err := ledger.Open(filepath.Join(dir, "ledger"), ledger.Options{Signer: filepath.Join(dir, "ledger.key")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	m := ledger.Movement{
		Flow: "nightly", Actor: ledger.Actor{User: "runner", CI: hostile},
		Source:     ledger.Party{Environment: "production", Kind: "production", SystemID: "1", Database: "shop"},
		Target:     ledger.Party{Environment: "staging", Kind: "staging", SystemID: "2", Database: "shop_stg"},
		Revision:   7,
		Approvers:  []ledger.Approver{{Principal: "bob@example.com", Fingerprint: "SHA256:abc", At: time.Unix(1e9, 0)}},
		Waivers:    []string{"verify"},
		Treatments: []ledger.Column{{Table: "public." + hostile, Column: "c", Treatment: "email", Discloses: "pseudonymised"}},
	}
	begin := func() *ledger.Run {
		r, err := l.Start(m, "")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	published = begin()
	m.Flow = "weekly"
	for _, err := range []error{
		published.Finish(ledger.Outcome{Rows: 3, Tables: []ledger.Table{{Table: hostile, Rows: 3}}}),
		begin().Abort(ledger.Outcome{Reason: hostile}),
		l.Refuse(ledger.Refusal{Flow: "nightly", Why: hostile}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	config := "environments: {}\nledger: {path: ledger/, signer: ledger.key}\n"
	if err := os.WriteFile(filepath.Join(dir, "masker.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, published
}

// masker runs masker with a configuration in dir.
func masker(dir string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), append([]string{"--config", filepath.Join(dir, "masker.yaml")}, args...), nil, stdio{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func expectDone(t *testing.T, dir string, args ...string) string {
	t.Helper()
	code, out, errs := masker(dir, args...)
	if code != exitDone {
		t.Fatalf("%v: exit code %d: %s", args, code, errs)
	}
	return out
}

func expectEscaped(t *testing.T, what, out string) {
	t.Helper()
	if strings.ContainsAny(out, "\x1b\u202e\u009b") {
		t.Errorf("%s does not escape a hostile text: %q", what, out)
	}
}

func TestTheLedgerIsShown(t *testing.T) {
	dir, run := newLedger(t)
	out := expectDone(t, dir, "ledger", "show")
	expectEscaped(t, "the table", out)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 6 || !strings.HasPrefix(lines[1], "1 ") || !strings.Contains(lines[5], "refused") {
		t.Errorf("want a heading and five lines, the newest last:\n%s", out)
	}
	for args, want := range map[string]int{
		"--flow nightly": 3, "--flow weekly": 2, "--event refused": 1, "--limit 2": 2, "--run " + run.ID(): 2,
		"--since 1h": 5, "--since 2d": 5, "--since 2020-01-01": 5, "--since 2999-01-01": 0,
	} {
		out := expectDone(t, dir, append([]string{"ledger", "show", "--format", "json"}, strings.Fields(args)...)...)
		if got := strings.Count(out, "\n"); got != want {
			t.Errorf("%s: %d records, want %d", args, got, want)
		}
		expectEscaped(t, "JSON", out)
	}
	out = expectDone(t, dir, "ledger", "show", run.ID())
	expectEscaped(t, "a movement", out)
	for _, want := range []string{"record 1", "record 2", "bob@example.com", "production/shop", "staging/shop_stg", "pseudonymised", "verify", "3 rows"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	for _, args := range [][]string{{"show", "nobody"}, {"show", "--since", "soon"}, {"show", "--limit", "-1"}, {"show", "--format", "xml"}, {"export", "--format", "xml"}, {"verify", "x"}} {
		if code, _, errs := masker(dir, append([]string{"ledger"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
}

// A5 on the command line: an auditor verifies the ledger offline, with a saved key and a saved checkpoint.
func TestA5TheLedgerIsVerifiedFromTheCommandLine(t *testing.T) {
	dir, _ := newLedger(t)
	folder, key, saved := filepath.Join(dir, "ledger"), filepath.Join(dir, "kept.vkey"), filepath.Join(dir, "kept.checkpoint")
	for file, args := range map[string][]string{key: {"ledger", "key"}, saved: {"ledger", "checkpoint"}} {
		if err := os.WriteFile(file, []byte(expectDone(t, dir, args...)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := expectDone(t, dir, "ledger", "seal")
	if !strings.Contains(out, "the last record is 6") {
		t.Error(out)
	}
	nowhere := t.TempDir() // a folder without a configuration
	for _, args := range [][]string{{"ledger", "verify"}, {"ledger", "verify", "--since", saved}} {
		if out := expectDone(t, dir, args...); !strings.Contains(out, "whole") || !strings.Contains(out, "checked     6 records") {
			t.Errorf("%v:\n%s", args, out)
		}
	}
	offline := []string{"ledger", "verify", "--ledger", folder, "--key", key, "--since", saved}
	if out := expectDone(t, nowhere, offline...); !strings.Contains(out, "checkpoints compared: 1;") {
		t.Error(out)
	}
	if code, _, errs := masker(nowhere, "ledger", "verify", "--ledger", folder); code != exitFailed || !strings.Contains(errs, "--key") {
		t.Errorf("without a key: %d, %s", code, errs)
	}
	log := filepath.Join(folder, "ledger-000000000001.jsonl")
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, bytes.Replace(data, []byte(`"rows":3`), []byte(`"rows":4`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := masker(nowhere, offline...); code != exitFailed || !strings.Contains(errs, "first bad record: 2") {
		t.Errorf("an edited ledger: %d, %s", code, errs)
	}
}

func TestTheLedgerIsExported(t *testing.T) {
	dir, run := newLedger(t)
	out := expectDone(t, dir, "ledger", "export")
	if strings.Count(out, "\n") != 5 {
		t.Errorf("want five records, got:\n%s", out)
	}
	out = expectDone(t, dir, "ledger", "export", "--format", "csv")
	expectEscaped(t, "CSV", out)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 6 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for _, row := range rows {
		for _, c := range row {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r\n") {
				t.Errorf("a cell is a formula: %q", c)
			}
		}
	}
	if what := rows[5][len(rows[5])-1]; !strings.HasPrefix(what, "'=cmd") {
		t.Errorf("the reason of the refusal is %q", what)
	}
	out = expectDone(t, dir, "ledger", "export", "--format", "intoto", "--run", run.ID())
	statement := verifiedStatement(t, []byte(out), strings.TrimSpace(expectDone(t, dir, "ledger", "key")))
	if statement.Predicate.Run != run.ID() || statement.Subject[0].Name != "2/shop_stg" || statement.Type != ledger.StatementType {
		t.Errorf("%+v", statement)
	}
	if n := strings.Count(expectDone(t, dir, "ledger", "export", "--format", "intoto"), "\n"); n != 2 {
		t.Errorf("%d attestations of two movements", n)
	}
}

// verifiedStatement checks the signature of an envelope with the public key alone, as any DSSE tool does, and the proofs
// in the statement.
func verifiedStatement(t *testing.T, data []byte, vkey string) ledger.Statement {
	t.Helper()
	var e dsse.Envelope
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2])
	if err != nil {
		t.Fatal(err)
	}
	payload, err := e.DecodeB64Payload()
	if err != nil {
		t.Fatal(err)
	}
	sig, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(raw[1:], dsse.PAE(e.PayloadType, payload), sig) {
		t.Fatal("the envelope is not signed")
	}
	var s ledger.Statement
	if err := json.Unmarshal(payload, &s); err != nil {
		t.Fatal(err)
	}
	for _, in := range []ledger.Inclusion{s.Predicate.Start, s.Predicate.End} {
		if _, err := in.Verify(vkey); err != nil {
			t.Error(err)
		}
	}
	return s
}
