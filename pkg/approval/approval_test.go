package approval_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/approval"
)

const (
	author   = "alice@example.com"
	approver = "bob@example.com"
	third    = "carol@example.com"
	digest   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	other    = "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// person is a signer: a principal and a key.
type person struct {
	name   string
	signer ssh.Signer
}

func newPerson(t testing.TB, name string) person {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return person{name, s}
}

func (p person) fingerprint() string { return approval.Fingerprint(p.signer.PublicKey()) }

// line returns the person's line in allowed_signers.
func (p person) line(options string) string {
	return strings.TrimSpace(p.name+" "+options) + " " + string(ssh.MarshalAuthorizedKey(p.signer.PublicKey()))
}

func signers(t testing.TB, allowed, revoked string) approval.Signers {
	t.Helper()
	s, err := approval.ParseSigners([]byte(allowed), []byte(revoked))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func want(required int) approval.Want {
	return approval.Want{Flow: "nightly", Source: "production", Target: "staging", Rules: digest, Revision: 7, Required: required}
}

// story has the statements and keys of three people. Each test changes one thing in it.
type story struct {
	t          testing.TB
	a, b, c    person
	authored   approval.Statement
	approved   approval.Statement
	allowed    string
	revoked    string
	signedBy   person
	file       func([]byte) []byte // changes the approval's file. Nil if there is no approval
	now        time.Time
	required   int
	moreFiles  []approval.File
	withAuthor bool
}

func newStory(t testing.TB) *story {
	s := &story{t: t, a: newPerson(t, author), b: newPerson(t, approver), c: newPerson(t, third), now: noon(), required: 1, withAuthor: true}
	s.authored = approval.Statement{
		Kind: approval.Author, Flow: "nightly", Source: "production", Targets: []string{"staging", "local"}, Revision: 7,
		Rules: digest, Plan: other, Author: author, AuthorKey: s.a.fingerprint(), Principal: author, At: noon().Add(-time.Hour),
	}
	s.approved = s.authored
	s.approved.Kind, s.approved.Principal, s.approved.Expires = approval.Approval, approver, noon().Add(24*time.Hour)
	s.allowed = s.a.line("") + s.b.line(`namespaces="`+approval.ApprovalNamespace+`"`) + s.c.line("")
	s.signedBy = s.b
	s.file = func(f []byte) []byte { return f }
	return s
}

func (s *story) sign(st approval.Statement, p person) []byte {
	s.t.Helper()
	f, err := approval.Sign(st, p.signer)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// signIn signs in a namespace, like ssh-keygen -Y sign -n.
func (s *story) signIn(namespace string, st approval.Statement, p person) []byte {
	s.t.Helper()
	text := st.Marshal()
	sig, err := sshsig.Sign(bytes.NewReader(text), p.signer, sshsig.HashSHA512, namespace)
	if err != nil {
		s.t.Fatal(err)
	}
	return append(text, sshsig.Armor(sig)...)
}

func (s *story) judge() (approval.Verdict, error) {
	var files []approval.File
	if s.withAuthor {
		files = append(files, approval.File{Name: "r7.author", Data: s.sign(s.authored, s.a)})
	}
	if s.file != nil {
		files = append(files, approval.File{Name: "r7.approval", Data: s.file(s.sign(s.approved, s.signedBy))})
	}
	w := want(s.required)
	return approval.Judge(w, append(files, s.moreFiles...), signers(s.t, s.allowed, s.revoked), s.now)
}

func TestAnApprovalCounts(t *testing.T) {
	s := newStory(t)
	v, err := s.judge()
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Approvers) != 1 || v.Approvers[0].Principal != approver || v.Author.Principal != author || v.Plan != other {
		t.Errorf("%+v", v)
	}
}

// uncounted is a change that makes an approval invalid. The field why is a part of the expected reason.
type uncounted struct {
	name   string
	change func(*story)
	why    string
}

// changedApprovals returns approvals that are not signed, or that are signed for something else.
func changedApprovals() []uncounted {
	return []uncounted{
		{"R1 missing", func(s *story) { s.file = func([]byte) []byte { return nil } }, "no signature"},
		{"R1 stripped", func(s *story) {
			s.file = func(f []byte) []byte { return f[:bytes.Index(f, []byte("-----BEGIN"))] }
		}, "no signature"},
		{"R1 doubled", func(s *story) {
			s.file = func(f []byte) []byte { return append(f, f[bytes.Index(f, []byte("-----BEGIN")):]...) }
		}, "more than one signature"},
		{"R1 expired", func(s *story) { s.approved.Expires = noon().Add(-time.Second) }, "expired at 2026-11-24T11:59:59Z"},
		{"R1 wrong digest", func(s *story) { s.approved.Rules = other }, "the rules have changed"},
		{"R1 wrong source", func(s *story) { s.approved.Source = "elsewhere" }, `for the source "elsewhere"`},
		{"R1 wrong target", func(s *story) { s.approved.Targets = []string{"local"} }, "for the targets local"},
		{"R1 wrong flow", func(s *story) { s.approved.Flow = "weekly" }, `for the flow "weekly"`},
		{"R1 wrong namespace", func(s *story) { s.allowed = s.a.line("") + s.b.line(`namespaces="git"`) }, "does not let bob@example.com sign in the namespace"},
		{"R1 signed in another namespace", func(s *story) {
			s.approved.Principal = third // the line of this signer allows every namespace
			s.file = func([]byte) []byte { return s.signIn("git", s.approved, s.c) }
		}, `in the namespace "git"; want masker-ruleset-approval@v1`},
		{"R1 an author's signature under an approval", func(s *story) {
			s.approved.Principal = third
			s.file = func([]byte) []byte { return s.signIn(approval.AuthorNamespace, s.approved, s.c) }
		}, "want masker-ruleset-approval@v1"},
	}
}

// otherStatements returns cases with too few approvals, and cases in which people approved rules or plans that the
// author did not sign.
func otherStatements() []uncounted {
	return []uncounted{
		{"signed and not yet approved", func(s *story) {
			s.file = nil
		}, author + " signed the rules, and nobody else has approved them"},
		{"approved by one of two", func(s *story) { s.required = 2 }, "1 of 2 approvals count: " + author + " signed the rules, and too few others"},
		{"another revision", func(s *story) { s.approved.Revision = 6 }, ""},
		{"R2 no author", func(s *story) { s.withAuthor = false }, "no author's statement"},
		{"R2 another author", func(s *story) { s.approved.Author = third }, "what another author signed"},
		{"R3 another plan", func(s *story) { s.approved.Plan = digest }, "another plan than the author"},
		{"R2 one of two", func(s *story) { s.required = 2 }, ""},
	}
}

// onePersonTwice returns changes in which one person signs as two people.
func onePersonTwice() []uncounted {
	return []uncounted{
		{"R2 the author by name", func(s *story) {
			s.approved.Principal, s.signedBy = "Alice@example.com", s.c
			s.allowed += "Alice@example.com " + string(ssh.MarshalAuthorizedKey(s.c.signer.PublicKey()))
		}, "the approver is the author"},
		{"R2 the author's key", func(s *story) {
			s.signedBy = s.a
			s.allowed += approver + " " + string(ssh.MarshalAuthorizedKey(s.a.signer.PublicKey()))
		}, "signed with the author's key"},
		{"R2 one person twice", func(s *story) {
			s.required = 2
			again := s.approved
			again.Comment = "again"
			s.moreFiles = []approval.File{{Name: "again.approval", Data: s.sign(again, s.b)}}
		}, "has approved already"},
		{"R2 one key under two names", func(s *story) {
			s.required = 2
			again := s.approved
			again.Principal = third
			s.allowed += third + " " + string(ssh.MarshalAuthorizedKey(s.b.signer.PublicKey()))
			s.moreFiles = []approval.File{{Name: "again.approval", Data: s.sign(again, s.b)}}
		}, "has approved already"},
		{"R2 the author's second key under a second name", func(s *story) {
			s.approved.Principal, s.signedBy = "alice-admin@example.com", s.c
			key := string(ssh.MarshalAuthorizedKey(s.c.signer.PublicKey()))
			s.allowed = s.a.line("") + author + " " + key + "alice-admin@example.com " + key
		}, "one person"},
		{"R2 a second name that has the author's key, too", func(s *story) {
			s.allowed += approver + " " + string(ssh.MarshalAuthorizedKey(s.a.signer.PublicKey()))
		}, "one person"},
		{"R2 a key that is everybody's", func(s *story) {
			s.signedBy = s.c
			s.allowed += "*@example.com " + string(ssh.MarshalAuthorizedKey(s.c.signer.PublicKey()))
		}, "one person"},
		{"R2 one person with two keys twice", func(s *story) {
			s.required = 2
			again := s.approved
			again.Principal = third
			s.allowed += approver + " " + string(ssh.MarshalAuthorizedKey(s.c.signer.PublicKey()))
			s.moreFiles = []approval.File{{Name: "again.approval", Data: s.sign(again, s.c)}}
		}, "has approved already"},
	}
}

// keysThatDoNotCount returns keys that the signers' file does not allow to sign now.
func keysThatDoNotCount() []uncounted {
	return []uncounted{
		{"a clock a day off", func(s *story) { s.now = noon().Add(-24 * time.Hour) }, "one of the clocks is wrong"},
		{"R4 nobody lists the key", func(s *story) { s.signedBy = newPerson(s.t, approver) }, "is not one that the signers' file lists"},
		{"R4 not yet valid", func(s *story) { s.allowed = s.a.line("") + s.b.line(`valid-after="20270101Z"`) }, "valid from 2027-01-01"},
		{"R4 no longer valid", func(s *story) { s.allowed = s.a.line("") + s.b.line(`valid-before="20261124113000Z"`) }, "valid until 2026-11-24T11:30:00Z"},
		{"R4 revoked by key", func(s *story) { s.revoked = string(ssh.MarshalAuthorizedKey(s.b.signer.PublicKey())) }, "is revoked"},
		{"R4 revoked by fingerprint", func(s *story) { s.revoked = "# lost\n" + s.b.fingerprint() + "\n" }, "is revoked"},
		{"R4 revoked by fingerprint, with a comment", func(s *story) { s.revoked = s.b.fingerprint() + " lost on a train\n" }, "is revoked"},
		{"R4 the author's key revoked", func(s *story) { s.revoked = s.a.fingerprint() }, "is revoked"},
	}
}

// TestR1R2R4NoApprovalCounts changes one thing at a time, and checks the reason in the error.
func TestR1R2R4NoApprovalCounts(t *testing.T) {
	for _, c := range slices.Concat(changedApprovals(), otherStatements(), onePersonTwice(), keysThatDoNotCount()) {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			c.change(s)
			v, err := s.judge()
			var missing *approval.Missing
			if !errors.As(err, &missing) || len(v.Approvers) >= s.required {
				t.Fatalf("it counts: %+v, %v", v, err)
			}
			if !strings.Contains(err.Error(), c.why) {
				t.Errorf("refused for another reason: %v", err)
			}
		})
	}
}

func TestR2TwoOfTwo(t *testing.T) {
	s := newStory(t)
	s.required = 2
	more := s.approved
	more.Principal = third
	s.moreFiles = []approval.File{{Name: "c.approval", Data: s.sign(more, s.c)}}
	if v, err := s.judge(); err != nil || len(v.Approvers) != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestR1ATargetWithASpaceIsNotTwoTargets checks that the name of one target cannot be read as two names.
func TestR1ATargetWithASpaceIsNotTwoTargets(t *testing.T) {
	s := newStory(t)
	s.approved.Targets = []string{"customer staging"}
	if _, err := approval.Sign(s.approved, s.b.signer); err == nil {
		t.Error("it was signed, and could be read as an approval for staging")
	}
}

// TestR3AnyChangedByteVoidsAnApproval flips one random bit in the author's file or in the approval's file. The
// approval must not count afterwards.
func TestR3AnyChangedByteVoidsAnApproval(t *testing.T) {
	s := newStory(t)
	authored, approved := s.sign(s.authored, s.a), s.sign(s.approved, s.b)
	list := signers(t, s.allowed, "")
	rapid.Check(t, func(t *rapid.T) {
		files := [][]byte{bytes.Clone(authored), bytes.Clone(approved)}
		f := files[rapid.IntRange(0, 1).Draw(t, "file")]
		i := rapid.IntRange(0, len(f)-1).Draw(t, "byte")
		f[i] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		v, err := approval.Judge(want(1), []approval.File{{Name: "a", Data: files[0]}, {Name: "b", Data: files[1]}}, list, noon())
		if err == nil {
			t.Fatalf("byte %d changed, and it counts: %+v", i, v)
		}
	})
}

func TestATrustRootThatIsNotUnderstoodIsRefused(t *testing.T) {
	p := newPerson(t, approver)
	key := string(ssh.MarshalAuthorizedKey(p.signer.PublicKey()))
	for _, c := range []struct{ allowed, revoked, why string }{
		{approver + "\n", "", "line 1: want principals"},
		{"# ok\n" + approver + " nonsense\n", "", "line 2: what follows"},
		{approver + ` valid-after="tomorrow" ` + key, "", "YYYYMMDD"},
		{approver + " cert-authority " + key, "", "cert-authority"},
		{approver + ` touch-required ` + key, "", "not known"},
		{p.line(""), "nonsense", "line 1 of the revoked keys"},
		{p.line(""), p.fingerprint() + "=", "line 1 of the revoked keys"},
		{p.line(""), p.fingerprint()[:40], "line 1 of the revoked keys"},
		{p.line(""), "SHA256:", "line 1 of the revoked keys"},
		{p.line(""), "SSHKRL\n\x00", "binary KRL"},
	} {
		if _, err := approval.ParseSigners([]byte(c.allowed), []byte(c.revoked)); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q, %q: %v, want %q", c.allowed, c.revoked, err, c.why)
		}
	}
}

func TestAStatementIsReadOnlyAsItIsWritten(t *testing.T) {
	s := newStory(t)
	good := string(s.sign(s.approved, s.b))
	for name, bad := range map[string]string{
		"a doubled key":     strings.Replace(good, "flow: nightly\n", "flow: nightly\nflow: nightly\n", 1),
		"another order":     strings.Replace(good, "flow: nightly\nsource: production\n", "source: production\nflow: nightly\n", 1),
		"an unknown key":    strings.Replace(good, "flow:", "flaw:", 1),
		"a missing key":     strings.Replace(good, "flow: nightly\n", "", 1),
		"a space":           strings.Replace(good, "flow: nightly", "flow: nightly ", 1),
		"another title":     strings.Replace(good, "v1", "v2", 1),
		"a hidden letter":   strings.Replace(good, "flow: nightly", "flow: night\u202ely", 1),
		"windows":           strings.ReplaceAll(good, "\n", "\r\n"),
		"something behind":  good + "x\n",
		"a longer revision": strings.Replace(good, "revision: 7", "revision: 07", 1),
		"empty":             "",
	} {
		if _, err := approval.Parse([]byte(bad)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}
