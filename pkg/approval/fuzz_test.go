package approval_test

import (
	"bytes"
	"testing"

	"github.com/masker-project/masker/pkg/approval"
)

// FuzzParse: whatever is read is written back the same, and never panics.
func FuzzParse(f *testing.F) {
	s := newStory(f)
	f.Add(s.sign(s.authored, s.a))
	f.Add(s.sign(s.approved, s.b))
	f.Add([]byte("masker statement v1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		signed, err := approval.Parse(data)
		if err == nil && !bytes.HasPrefix(data, signed.Statement.Marshal()) {
			t.Fatal("what was read is not what is written")
		}
	})
}

// FuzzParseSigners never panics, and never takes a file for one of nobody where it lists somebody.
func FuzzParseSigners(f *testing.F) {
	p := newPerson(f, approver)
	f.Add([]byte(p.line(`namespaces="a,b",valid-after="20260101"`)), []byte(p.fingerprint()))
	f.Add([]byte("\"a b\" ssh-ed25519 AAAA"), []byte("SSHKRL\n"))
	f.Fuzz(func(t *testing.T, allowed, revoked []byte) {
		if _, err := approval.ParseSigners(allowed, revoked); err != nil && err.Error() == "" {
			t.Fatal("an error without a word")
		}
	})
}
