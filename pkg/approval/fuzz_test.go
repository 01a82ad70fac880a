package approval_test

import (
	"bytes"
	"testing"

	"github.com/masker-project/masker/pkg/approval"
)

// FuzzParse checks that Parse does not panic, and that Marshal gives back the text of every statement that it accepts.
func FuzzParse(f *testing.F) {
	s := newStory(f)
	f.Add(s.sign(s.authored, s.a))
	f.Add(s.sign(s.approved, s.b))
	f.Add([]byte("masker statement v1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		signed, err := approval.Parse(data)
		if err == nil && !bytes.HasPrefix(data, signed.Statement.Marshal()) {
			t.Fatal("Marshal gives another text than the one that was read")
		}
	})
}

// FuzzParseSigners checks that ParseSigners does not panic.
func FuzzParseSigners(f *testing.F) {
	p := newPerson(f, approver)
	f.Add([]byte(p.line(`namespaces="a,b",valid-after="20260101"`)), []byte(p.fingerprint()))
	f.Add([]byte("\"a b\" ssh-ed25519 AAAA"), []byte("SSHKRL\n"))
	f.Fuzz(func(t *testing.T, allowed, revoked []byte) {
		if _, err := approval.ParseSigners(allowed, revoked); err != nil && err.Error() == "" {
			t.Fatal("an error without a text")
		}
	})
}
