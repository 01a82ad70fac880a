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

// Signers holds the keys that may sign, from a file in the format of allowed_signers (ssh-keygen(1), ALLOWED SIGNERS),
// and the revoked keys.
type Signers struct {
	entries []entry
	local   int             // number of the first line with a time in the machine's time zone, or 0
	revoked map[string]bool // revoked keys, by fingerprint
}

// entry is a line of allowed_signers.
type entry struct {
	line          int
	principals    string // pattern list
	namespaces    string // pattern list, "" for every namespace
	after, before time.Time
	local         bool // after or before is in the machine's time zone
	fingerprint   string
}

// ParseSigners reads an allowed_signers file and a file of revoked keys. The second file has one public key or SHA256
// fingerprint on each line. A line that cannot be read is an error, because otherwise a revoked or limited key could
// count. Like in ssh-keygen, a time without a Z is in the machine's time zone.
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
		return Signers{}, errors.New("the list of revoked keys is a binary KRL, which masker does not read; write one public key or SHA256:… fingerprint on each line")
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

// Local returns the number of the first line with a time in the machine's time zone, that is, without a Z. It returns 0
// if there is none.
func (s Signers) Local() int { return s.local }

// revokedKey reads a public key or a fingerprint. A comment may follow. For a malformed fingerprint, the result ok is
// false, because the line would revoke nothing.
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

// lines yields the lines with their numbers, without blank lines and comments.
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

// firstWord splits a line after its first word. The word can be in double quotes.
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
			return errors.New("namespaces is empty")
		}
		e.namespaces = value
	case "valid-after":
		e.local = e.local || !strings.HasSuffix(value, "Z")
		e.after, err = parseTime(value)
	case "valid-before":
		e.local = e.local || !strings.HasSuffix(value, "Z")
		e.before, err = parseTime(value)
	case "cert-authority":
		return errors.New("cert-authority is not supported; list the keys of the signers")
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

// Allows returns nil if the signature's key may sign for the statement's principal, in the signature's namespace, at
// that time. It does not verify the signature.
func (s Signers) Allows(signed Signed, at time.Time) error {
	return s.allows(signed.Statement.Principal, signed.signature.PublicKey, signed.signature.Namespace, at)
}

// MaySign returns nil if a key may sign a statement. It is called before signing.
func (s Signers) MaySign(st Statement, key ssh.PublicKey) error {
	return s.allows(st.Principal, key, st.Kind.namespace(), st.At)
}

// allows returns nil if a key may sign for a principal, in a namespace, at that time.
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

// lists reports whether any line lists the key for the principal. It ignores namespaces and times.
func (s Signers) lists(principal, fingerprint string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool {
		return e.fingerprint == fingerprint && matchList(e.principals, principal)
	})
}

// matchList matches a text against a list of patterns, like OpenSSH's match_pattern_list. The patterns are separated by
// commas and can hold * and ?. If a pattern that begins with ! matches, the result is false.
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

// matchPattern matches a pattern with * and ?. It escapes the other characters that path.Match treats specially.
func matchPattern(pattern, text string) bool {
	plain := strings.NewReplacer(`/`, "\x00", `[`, `\[`, `\`, `\\`)
	ok, err := path.Match(plain.Replace(pattern), strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}
