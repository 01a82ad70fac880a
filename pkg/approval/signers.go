package approval

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Signers is who may sign for whom, as an allowed_signers file says (ssh-keygen(1), ALLOWED SIGNERS), and which keys
// no longer count.
type Signers struct {
	entries []entry
	local   int             // a line with a time of the machine's zone; 0 for none
	revoked map[string]bool // by fingerprint
}

// entry is a line of allowed_signers.
type entry struct {
	line          int
	principals    string // pattern list
	namespaces    string // pattern list; "" for every namespace
	after, before time.Time
	local         bool // whether one of them is of the machine's time zone
	fingerprint   string
}

// ParseSigners reads an allowed_signers file, and one of revoked keys: a public key or a SHA256 fingerprint a line.
// A line that is not understood is an error: passing over it could let a revoked or limited key count. The time zone
// of times without a Z is the machine's, as ssh-keygen has it.
func ParseSigners(allowed, revoked []byte) (Signers, error) {
	s := Signers{revoked: map[string]bool{}}
	for n, line := range lines(allowed) {
		e, err := parseEntry(line)
		if err != nil {
			return Signers{}, fmt.Errorf("line %d: %w", n, err)
		}
		e.line = n
		if e.local && s.local == 0 {
			s.local = n
		}
		s.entries = append(s.entries, e)
	}
	if bytes.HasPrefix(revoked, []byte("SSHKRL\n")) {
		return Signers{}, errors.New("the list of revoked keys is a binary KRL, which is not read; list a public key or a SHA256:… fingerprint a line")
	}
	for n, line := range lines(revoked) {
		fingerprint, ok := revokedKey(line)
		if !ok {
			return Signers{}, fmt.Errorf("line %d of the revoked keys: want a public key or its SHA256:… fingerprint", n)
		}
		s.revoked[fingerprint] = true
	}
	return s, nil
}

// Local is the first line with a time that is of the machine's time zone, because no Z stands behind it; 0 where there is none.
func (s Signers) Local() int { return s.local }

// revokedKey reads a public key or a fingerprint; a comment may follow either. What is not exactly a fingerprint would
// revoke nothing.
func revokedKey(line string) (fingerprint string, ok bool) {
	if word := strings.Fields(line)[0]; strings.HasPrefix(word, "SHA256:") {
		sum, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimPrefix(word, "SHA256:"))
		return word, err == nil && len(sum) == sha256.Size
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return "", false
	}
	return Fingerprint(key), true
}

// lines are those that say something, by number.
func lines(data []byte) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(n, line) {
				return
			}
		}
	}
}

func parseEntry(line string) (entry, error) {
	principals, rest := firstWord(line)
	if principals == "" || rest == "" {
		return entry{}, errors.New("want principals, options and a public key")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return entry{}, errors.New("what follows the principals is not a public key")
	}
	e := entry{principals: principals, fingerprint: Fingerprint(key)}
	for _, option := range options {
		if err := e.option(option); err != nil {
			return entry{}, err
		}
	}
	return e, nil
}

// firstWord cuts a word, which may stand in double quotes, off a line.
func firstWord(line string) (word, rest string) {
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		word, rest, _ = strings.Cut(quoted, `"`)
	} else if i := strings.IndexAny(line, " \t"); i >= 0 {
		word, rest = line[:i], line[i:]
	}
	return word, strings.TrimSpace(rest)
}

func (e *entry) option(option string) (err error) {
	name, value, _ := strings.Cut(option, "=")
	value = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
	switch strings.ToLower(name) {
	case "namespaces":
		if value == "" {
			return errors.New("namespaces names none")
		}
		e.namespaces = value
	case "valid-after":
		e.local = e.local || !strings.HasSuffix(value, "Z")
		e.after, err = parseTime(value)
	case "valid-before":
		e.local = e.local || !strings.HasSuffix(value, "Z")
		e.before, err = parseTime(value)
	case "cert-authority":
		return errors.New("cert-authority is not supported; list the keys that sign themselves")
	default:
		return fmt.Errorf("option %.40q is not known", name)
	}
	return err
}

// parseTime reads YYYYMMDD[HHMM[SS]][Z].
func parseTime(text string) (time.Time, error) {
	digits, utc := strings.CutSuffix(text, "Z")
	zone := time.Local
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) == len(layout) {
			if t, err := time.ParseInLocation(layout, digits, zone); err == nil {
				return t, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("time %.40q: want YYYYMMDD[HHMM[SS]][Z]", text)
}

// Allows is nil where the signature is of a key that may sign for the statement's principal, in its namespace, at a time.
// It does not hold the signature against the text.
func (s Signers) Allows(signed Signed, at time.Time) error {
	return s.allows(signed.Statement.Principal, signed.signature.PublicKey, signed.signature.Namespace, at)
}

// May is nil where a key may sign a statement. It is for whoever is about to.
func (s Signers) May(st Statement, key ssh.PublicKey) error {
	return s.allows(st.Principal, key, st.Kind.namespace(), st.At)
}

// allows is nil where a key may sign for a principal in a namespace at a time.
func (s Signers) allows(principal string, key ssh.PublicKey, namespace string, at time.Time) error {
	fingerprint := Fingerprint(key)
	if s.revoked[fingerprint] {
		return fmt.Errorf("its key %s is revoked", fingerprint)
	}
	why := fmt.Errorf("its key %s is not one that the signers' file lists for %s", fingerprint, principal)
	for _, e := range s.entries {
		if e.fingerprint != fingerprint || !matchList(e.principals, principal) {
			continue
		}
		switch {
		case e.namespaces != "" && !matchList(e.namespaces, namespace):
			why = fmt.Errorf("line %d of the signers' file does not let %s sign in the namespace %s", e.line, principal, namespace)
		case !e.after.IsZero() && at.Before(e.after):
			why = fmt.Errorf("its key is valid from %s on, and not at %s", stamp(e.after), stamp(at))
		case !e.before.IsZero() && at.After(e.before):
			why = fmt.Errorf("its key was valid until %s, and not at %s", stamp(e.before), stamp(at))
		default:
			return nil
		}
	}
	return why
}

// lists is true where some line gives a key to a principal, whatever for and whenever.
func (s Signers) lists(principal, fingerprint string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool {
		return e.fingerprint == fingerprint && matchList(e.principals, principal)
	})
}

// matchList is OpenSSH's match_pattern_list: comma-separated patterns with * and ?; one that is negated and matches
// ends it.
func matchList(patterns, text string) bool {
	found := false
	for p := range strings.SplitSeq(patterns, ",") {
		p, negated := strings.CutPrefix(p, "!")
		if !matchPattern(p, text) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

// matchPattern takes path.Match for * and ? alone: slashes and brackets mean themselves.
func matchPattern(pattern, text string) bool {
	plain := strings.NewReplacer(`/`, "\x00", `[`, `\[`, `\`, `\\`)
	ok, err := path.Match(plain.Replace(pattern), strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}
